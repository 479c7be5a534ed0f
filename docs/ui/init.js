"use strict";

// collapsed has groups closed at first that the document marks so: they repeat what others have.
const collapsed = (isShown, { specSelectors }) => (_, key, byDefault) => {
  const closed = specSelectors.tags().some((tag) => key[0] === "operations-tag" && key[1] === tag.get("name") && tag.get("x-collapsed"));
  return isShown(key, byDefault && !closed);
};

// failures shows an error, which is the same in every operation, as one line that opens.
const failures = (Response, { React, getComponent }) => {
  const element = React.createElement;
  const Failure = (props) => {
    const [open, setOpen] = React.useState(false);
    const Markdown = getComponent("Markdown", true);
    return element(
      "tr",
      { className: `response failure ${props.className}`, "data-code": props.code },
      element("td", { className: "response-col_status" }, props.code),
      element(
        "td",
        { className: "response-col_description" },
        element(
          "details",
          { onToggle: (event) => setOpen(event.currentTarget.open) },
          element("summary", null, element(Markdown, { source: props.response.get("description") })),
          open && element("table", null, element("tbody", null, element(Response, props))),
        ),
      ),
    );
  };
  return (props) => element(props.code < 400 ? Response : Failure, props);
};

const place = (operation) => operation.getIn(["operation", "x-order"]);

const ui = SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  operationsSorter: (a, b) => place(a) - place(b),
  persistAuthorization: true,
  plugins: [{ wrapComponents: { response: failures }, statePlugins: { layout: { wrapSelectors: { isShown: collapsed } } } }],
  validatorUrl: null, // no document of ours goes to a validator elsewhere
});

// A link to an operation opens it here, not in another tab.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href*="#/"][target="_blank"]');
  if (!link || link.origin !== location.origin || link.pathname !== new URL("/docs/", location).pathname.slice(0, -1)) return;
  event.preventDefault();
  ui.layoutActions.parseDeepLinkHash(link.hash);
});

// The style of Swagger UI has a dark half, which it leaves to the page to choose.
const dark = matchMedia("(prefers-color-scheme: dark)");
const choose = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", choose);
choose();

// In development the service gives its token to who sits at the machine.
const developmentToken = async () => (await (await fetch("/docs/token")).json()).token;
developmentToken().then((token) => {
  if (!token) return;
  const button = document.getElementById("authorize");
  button.hidden = document.getElementById("development").hidden = false;
  button.addEventListener("click", async () => {
    ui.preauthorizeApiKey("bearerAuth", await developmentToken());
    document.getElementById("authorized").textContent = "Done.";
  });
});
