"use strict";

/** A stream that does not end by itself: its answer would never be complete, so the console does not offer it. */
const isEndless = (operation) =>
  Boolean(operation?.getIn(["responses", "200", "content", "text/event-stream"]));

const endlessStreamsAreRead = () => ({
  statePlugins: {
    spec: {
      wrapSelectors: {
        allowTryItOutFor: (original, system) => (state, path, method) =>
          original(state, path, method) &&
          !isEndless(system.specSelectors.specJson().getIn(["paths", path, method])),
      },
    },
  },
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const followTheSystem = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followTheSystem);
followTheSystem();

SwaggerUIBundle({
  url: "openapi.json",
  domNode: document.getElementById("viewer"),
  deepLinking: true,
  filter: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  showExtensions: true,
  plugins: [endlessStreamsAreRead],
  // Nothing is sent elsewhere, and no credentials stay behind.
  validatorUrl: null,
  persistAuthorization: false,
});
