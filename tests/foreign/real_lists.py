#!/usr/bin/env python3
"""Every code of the real lists, one by one: get, parent, children, label.

Usage: real_lists.py GATEWAY_URL DIR
DIR holds cpv/cpv_2008_nob_eng.csv, nuts/versions_2482.utf-8.csv and styrk/styrk08_nob_isco08eng.csv.
Exits 1 at the end if anything differed.
"""

import csv
import http.client
import json
import sys
import urllib.parse

BASE, DIR = sys.argv[1], sys.argv[2]
CONNECTION = http.client.HTTPConnection(urllib.parse.urlparse(BASE).netloc, timeout=10)
WRONG = []


def get(path):
    CONNECTION.request("GET", path)
    response = CONNECTION.getresponse()
    body = json.load(response)
    return body["data"] if response.status == 200 else {"status": response.status}


def rows(path, delimiter=";"):
    with open(f"{DIR}/{path}", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def check(condition, what):
    if not condition:
        WRONG.append(what)


def check_list(kind, labels, label_field):
    """labels: {code: label}. Parents and children must agree both ways."""
    details = {code: get(f"/api/{kind}/codes/{code}") for code in labels}
    for code, label in labels.items():
        detail = details[code]
        check(detail.get("code") == code, f"{kind} {code}: {detail.get('status')}")
        check(detail.get(label_field) == label, f"{kind} {code}: label {detail.get(label_field)!r}, published {label!r}")
        parent = detail.get("parent")
        if parent:
            children = [child["code"] for child in details.get(parent, {}).get("children", [])]
            check(code in children, f"{kind} {code}: not among the children of {parent}")
        for child in detail.get("children", []):
            check(details.get(child["code"], {}).get("parent") == code, f"{kind} {child['code']}: parent is not {code}")
    print(f"{kind}: {len(labels)} codes")


cpv = rows("cpv/cpv_2008_nob_eng.csv")
check_list("cpv", {r["code"]: r["name_nob"].strip() for r in cpv}, "description")
nuts = rows("nuts/versions_2482.utf-8.csv")
check_list("nuts", {r["code"]: r["name"].strip() for r in nuts}, "name")
styrk = rows("styrk/styrk08_nob_isco08eng.csv")
check_list("styrk", {r["code"]: r["name_nob"].strip() for r in styrk}, "name")

for text in WRONG[:20]:
    print("DIFFERS:", text)
print(f"{len(cpv) + len(nuts) + len(styrk)} codes checked, {len(WRONG)} differences")
sys.exit(1 if WRONG else 0)
