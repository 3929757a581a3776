#!/usr/bin/env python3
"""The documentation page in a browser: Debian's Chromium, driven by Playwright.

Usage: docs.py BASE [--key KEY] [--shots DIR]
BASE is an open gateway, or with --key one that asks for credentials and takes that key. --shots leaves pictures to look at.
Needs chromium and the package playwright. Exits 1 at the first thing that does not hold.
"""

import argparse
import json
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
# Runs in the page before anything of its own.
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""


def check(condition, what, seen=""):
    if not condition:
        print(f"FAILED: {what} {seen}")
        sys.exit(1)
    print(f"ok: {what}")


class Docs:
    """The page, and everything it did that it should not have."""

    def __init__(self, context, base):
        self.base, self.wrong, self.expected = base, [], set()
        self.page = context.new_page()
        self.page.add_init_script(WATCH)
        self.page.route("**/*", self.only_here)
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script failed: {error}"))
        self.page.on("requestfailed", lambda request: self.wrong.append(f"{request.url}: {request.failure}"))
        self.page.on("response", self.answered)

    def only_here(self, route):
        if route.request.url.startswith(f"{self.base}/"):
            route.continue_()
        else:
            self.wrong.append(f"asked elsewhere: {route.request.url}")
            route.abort()

    def answered(self, response):
        if response.status >= 400 and response.status not in self.expected:
            self.wrong.append(f"{response.status}: {response.url}")

    def heard(self, message):
        # Chromium says itself that a request got 401; whether it should have is checked above.
        refused = any(f"status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning") and not refused:
            self.wrong.append(f"console: {message.text}")

    def open(self, anchor=""):
        self.page.goto("about:blank")
        self.page.goto(f"{self.base}/api/docs{anchor}")
        self.page.locator(".opblock").first.wait_for()

    def operation(self, tag, name):
        return self.page.locator(f"#operations-{tag}-{name}")

    def execute(self, tag, name, path, read=json.loads, **fields):
        """Fills in a form of the console and sends it; gives the status and the body that the page then shows."""
        block = self.operation(tag, name)
        if block.locator(".opblock-body").count() == 0:
            block.locator(".opblock-summary-control").click()
        try_it_out = block.get_by_role("button", name="Try it out")
        if try_it_out.count():
            try_it_out.click()
        for field, value in fields.items():
            block.locator(f'tr[data-param-name="{field}"] input').first.fill(value)
        with self.page.expect_response(lambda response: response.url.startswith(f"{self.base}{path}")) as sent:
            block.get_by_role("button", name="Execute").click()
        status = sent.value.status
        shown = block.locator(".live-responses-table .response")
        shown.locator(".response-col_status", has_text=str(status)).wait_for()
        return status, read(shown.locator(".highlight-code code").first.inner_text())

    def done(self):
        self.wrong += self.page.evaluate("violations")
        check(not self.wrong, "no violation of the policy, no console error, no failed or foreign request", self.wrong)


def document(base):
    with urllib.request.urlopen(f"{base}/api/openapi.json") as answer:
        return json.load(answer)


def search(docs):
    return docs.execute("Notices", "SearchNotices", "/api/doffin/search", search="kunstig intelligens", location="Oslo")


def open_to_all(docs, shots):
    docs.open()
    if shots:
        docs.page.screenshot(path=shots / "page.png", full_page=True)
    info = document(docs.base)
    check(info["info"]["title"] in docs.page.locator(".info h1, .info h2").first.inner_text(), "the page has its title")
    listed = docs.page.locator(".opblock").evaluate_all(
        "blocks => blocks.map(block => [block.querySelector('.opblock-summary-method').textContent.toLowerCase(),"
        " block.querySelector('[data-path]').dataset.path])"
    )
    documented = sorted((method, path) for path, methods in info["paths"].items() for method in methods)
    check(len(documented) > 20, f"{len(documented)} routes are documented")
    check(sorted(map(tuple, listed)) == documented, "each of them is listed once", listed)

    status, body = search(docs)
    check(status == 200 and body["success"] is True, "a search from the console succeeds", body)
    check(body["data"]["totalHits"] > 0, f"it finds {body['data']['totalHits']} notices", body)
    block = docs.operation("Notices", "SearchNotices")
    for field, first, number in (("sortBy", "PUBLICATION_DATE_DESC", 7), ("status", "ACTIVE", 4)):
        offered = block.locator(f'tr[data-param-name="{field}"] select option').evaluate_all("all => all.map(o => o.value)")
        offered = [word for word in offered if word]
        check(offered[:1] == [first] and len(offered) == number, f"{field} offers its {number} words and no numbers", offered)
    kind = block.locator('tr[data-param-name="issueDateFrom"] .parameter__type').inner_text()
    check(kind == "string($date)", "a day is shown as one", kind)
    if shots:
        block.screenshot(path=shots / "search.png")
    docs.expected = {404}
    status, body = docs.execute("CPV", "GetCpvCode", "/api/cpv/codes/", code="99999999")
    check((status, body["error_name"]) == (404, "CPV_CODE_NOT_FOUND"), "an error is shown as it came", body)
    docs.expected = set()

    status, text = docs.execute("Notices", "ExportNotices", "/api/doffin/export", read=str, search="vei")
    check(status == 200 and text.startswith("id,title,supplier"), "an export is shown to its end", text[:200])

    docs.page.locator(".operation-filter-input").fill("nuts")
    docs.operation("CPV", "GetCpvCode").wait_for(state="detached")
    check(docs.operation("NUTS", "ResolveNuts").count() == 1, "the filter leaves what it names")

    docs.open("#/Changes/WatchNotices")
    watch = docs.operation("Changes", "WatchNotices")
    watch.locator(".opblock-body .responses-inner").wait_for()
    check(True, "a link leads to its operation")
    check(watch.get_by_role("button", name="Try it out").count() == 0, "a stream without end is not offered to the console")
    if shots:
        docs.page.emulate_media(color_scheme="dark")
        docs.page.screenshot(path=shots / "dark.png")
    docs.done()


def asks_for_credentials(docs, key, shots):
    docs.open()
    docs.expected = {401}
    status, body = search(docs)
    check((status, body["error_name"]) == (401, "UNAUTHENTICATED"), "without credentials a call is refused", body)
    docs.page.get_by_role("button", name="Authorize", exact=True).click()
    dialog = docs.page.locator(".dialog-ux")
    form = dialog.locator(".auth-container", has_text="X-API-Key")
    form.locator("input").fill(key)
    if shots:
        docs.page.screenshot(path=shots / "authorize.png")
    form.get_by_role("button", name="Apply credentials").click()
    form.get_by_role("button", name="Remove authorization").wait_for()
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    docs.expected = set()
    status, body = search(docs)
    check(status == 200 and body["success"] is True, "with a key it succeeds", body)
    stored = docs.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    check(stored == '[{},{},""]', "nothing is left in the browser's storage", stored)
    docs.open()
    docs.expected = {401}
    check(search(docs)[0] == 401, "the next visit begins without credentials")
    docs.done()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--key")
    parser.add_argument("--shots", type=Path)
    options = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), headless=True, args=FLAGS,
            viewport={"width": 1280, "height": 1000},
        )
        docs = Docs(context, options.base)
        if options.key:
            asks_for_credentials(docs, options.key, options.shots)
        else:
            open_to_all(docs, options.shots)
        context.close()


main()
