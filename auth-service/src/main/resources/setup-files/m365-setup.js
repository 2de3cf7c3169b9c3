// The setup guide. Fetches it with the administrator's key, which is kept in this variable and nowhere else.
(() => {
  "use strict";
  let key = "";
  let language = document.documentElement.lang;
  const news = document.getElementById("news");
  const place = document.getElementById("guide");
  const form = document.getElementById("ask");
  const words = document.body.dataset;

  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    Object.entries(attributes || {}).forEach(([attribute, value]) => element.setAttribute(attribute, value));
    element.append(...children);
    return element;
  };

  const copyButton = (label, text, labels) => {
    const button = make("button", { type: "button", "aria-label": labels.copy + ": " + label }, labels.copy);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // Without https there is no clipboard: mark the text, so that a key press copies it.
        const range = document.createRange();
        range.selectNodeContents(button.previousElementSibling);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        document.execCommand("copy");
      }
      news.textContent = labels.copied + ": " + label;
    });
    return button;
  };

  const valueOf = (value, labels) => {
    const safe = value.link && /^https?:\/\//.test(value.value);
    const shown = safe
      ? make("a", { href: value.value, target: "_blank", rel: "noopener noreferrer" }, make("code", {}, value.value))
      : make("code", {}, value.value);
    return [make("dt", {}, value.label), make("dd", {}, shown, copyButton(value.label, value.value, labels))];
  };

  const stepOf = (step, labels) => {
    const marks = { done: "✓", open: "○", unknown: "?" };
    const item = make("li", { class: "step " + step.side, id: "step-" + step.id },
      make("p", { class: "side" }, labels[step.side]),
      make("h3", {}, step.number + ". " + step.title),
      make("p", { class: "state " + step.state },
        make("span", { "aria-hidden": "true" }, marks[step.state] + " "), labels[step.state] + ". " + step.stateText),
      make("p", {}, step.text),
      make("p", {}, labels.who + ": " + step.who));
    const values = step.values.flatMap((value) => valueOf(value, labels));
    if (step.request) {
      const text = step.request.method + " " + step.request.path
        + (Object.keys(step.request.body).length ? " " + JSON.stringify(step.request.body) : "");
      values.push(...valueOf({ label: labels.request, value: text }, labels));
    }
    if (values.length) {
      item.append(make("dl", {}, ...values));
    }
    return item;
  };

  const names = (permissions, labels) => permissions.map((permission) =>
    make("div", {}, make("code", {}, permission.name), permission.takesAdministrator ? " *" : ""));

  const tableOf = (plan, labels) => {
    const rows = plan.features.map((feature) => make("tr", {},
      make("th", { scope: "row" }, feature.title),
      make("td", { "data-label": labels.delegated }, ...names(feature.delegated, labels)),
      make("td", { "data-label": labels.application },
        ...(feature.application.length ? names(feature.application, labels) : [labels.impossible])),
      make("td", { "data-label": labels.notes }, ...(feature.note ? [feature.note] : []))));
    const heads = ["feature", "delegated", "application", "notes"]
      .map((name) => make("th", { scope: "col" }, labels[name]));
    return make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  };

  const show = (guide) => {
    const labels = guide.labels;
    document.title = guide.title;
    document.documentElement.lang = guide.language;
    document.getElementById("title").textContent = guide.title;
    document.querySelectorAll("nav a").forEach((link) =>
      link.lang === guide.language ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
    const print = make("button", { type: "button" }, labels.print);
    print.addEventListener("click", () => window.print());
    const script = make("pre", { tabindex: "0", "aria-label": labels.script }, guide.permissions.azureCli);
    place.replaceChildren(
      make("section", { "aria-labelledby": "steps" },
        make("h2", { id: "steps" }, labels.steps), print,
        make("div", { class: "heads", "aria-hidden": "true" },
          make("p", { class: "entra" }, labels.entra), make("p", { class: "connector" }, labels.connector)),
        make("ol", { class: "steps" }, ...guide.steps.map((step) => stepOf(step, labels)))),
      make("section", { "aria-labelledby": "permissions" },
        make("h2", { id: "permissions" }, labels.permissions),
        tableOf(guide.permissions, labels), make("p", {}, "* " + labels.administrator)),
      make("section", { "aria-labelledby": "script" },
        make("h2", { id: "script" }, labels.script), script, copyButton(labels.script, guide.permissions.azureCli, labels)));
    form.hidden = true;
    document.getElementById("title").tabIndex = -1;
    document.getElementById("title").focus();
  };

  const load = async () => {
    news.textContent = "…";
    try {
      const answer = await fetch(location.pathname + "?lang=" + language, {
        headers: { Accept: "application/json", Authorization: "Bearer " + key },
        credentials: "omit",
        cache: "no-store",
      });
      if (answer.ok) {
        show(await answer.json());
        news.textContent = "";
      } else {
        news.textContent = answer.status === 404 ? words.missing
          : answer.status === 401 || answer.status === 403 ? words.refused : words.failed;
      }
    } catch {
      news.textContent = words.failed;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key = document.getElementById("key").value;
    load();
  });

  document.querySelectorAll("nav a").forEach((link) => link.addEventListener("click", (event) => {
    if (key) {
      // A new page would not know the key.
      event.preventDefault();
      language = link.lang;
      load();
    }
  }));
})();
