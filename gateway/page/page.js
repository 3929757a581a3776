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

/** A choice by its number, or by the word for none at all: taken, but nothing to offer. */
const isUnspoken = (choice) => /^-?[0-9]+$|_UNSPECIFIED$/.test(choice);

const parametersAreShownPlainly = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (document) => {
          const operations = Object.values(document.paths ?? {}).flatMap((methods) => Object.values(methods));
          for (const { schema } of operations.flatMap((operation) => operation.parameters ?? [])) {
            const one = schema.items ?? schema;
            if (one.enum) one.enum = one.enum.filter((choice) => !isUnspoken(choice));
            // A day, or an empty text for none, is shown as a day.
            if (one.anyOf) Object.assign(one, one.anyOf[0]), delete one.anyOf;
          }
          return original(document);
        },
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
  plugins: [endlessStreamsAreRead, parametersAreShownPlainly],
  // Nothing is sent elsewhere, and no credentials stay behind.
  validatorUrl: null,
  persistAuthorization: false,
});
