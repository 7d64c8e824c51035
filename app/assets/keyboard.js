// Keys for what people do most: search, next and previous item, theme, pages; never while something is typed.
(() => {
  const SEARCH = "#page :is(input[type=search], [data-search] input)";
  const ITEMS = "#page :is([data-item], .claim, .batch)";
  const visible = (element) => element.offsetParent !== null && !element.closest("[hidden]");

  const typing = (target) =>
    target.isContentEditable ||
    target.closest("textarea, select, [role=combobox], [role=listbox], [role=slider], .ag-root, .js-plotly-plot") ||
    (target.matches("input") && !["checkbox", "radio", "button"].includes(target.type));

  function search() {
    const field = [...document.querySelectorAll(SEARCH)].find(visible);
    if (field) field.focus();
    return field;
  }

  function step(by) {
    const items = [...document.querySelectorAll(ITEMS)].filter(visible);
    if (!items.length) return;
    const present = items.indexOf(document.activeElement && document.activeElement.closest(ITEMS));
    const edge = by > 0 ? items.findIndex((item) => item.getBoundingClientRect().bottom > 0) : items.length - 1;
    const next = items[present < 0 ? Math.max(0, edge) : Math.min(items.length - 1, Math.max(0, present + by))];
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "start" });
  }

  // Keys of one letter can be in the way of speech input and screen readers: the dialog turns them off.
  const inUse = () => localStorage.getItem("keys") !== "unused";

  // Each page's letter: the first of its word that no page before it has.
  function letters() {
    const taken = new Map();
    for (const link of document.querySelectorAll(".nav-link")) {
      const letter = [...link.textContent.toLowerCase()].find((each) => /[a-z]/.test(each) && !taken.has(each));
      if (letter) taken.set(letter, link);
    }
    return taken;
  }

  function help() {
    const dialog = document.getElementById("keys");
    if (dialog.open) return dialog.close();
    const pages = dialog.querySelector(".key-pages");
    pages.replaceChildren(
      ...[...letters()].map(([letter, link]) => {
        const row = document.createElement("div");
        const term = document.createElement("dt");
        for (const key of ["g", letter]) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
        row.append(term, Object.assign(document.createElement("dd"), { textContent: link.textContent }));
        return row;
      }),
    );
    if (!dialog.querySelector("#keys-used")) {
      const label = Object.assign(document.createElement("label"), { textContent: " use these keys" });
      const used = Object.assign(document.createElement("input"), { type: "checkbox", id: "keys-used" });
      used.checked = inUse();
      used.addEventListener("change", () => localStorage.setItem("keys", used.checked ? "used" : "unused"));
      label.prepend(used);
      pages.after(label);
    }
    return dialog.showModal();
  }

  const keys = {
    "/": search,
    j: () => step(1),
    k: () => step(-1),
    d: () => document.getElementById("theme").click(),
    "?": help,
  };
  let leading = 0; // when g was pressed

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target.closest ? event.target : document.body;
    if (event.key === "Escape" && target.matches(SEARCH)) return target.blur();
    if (typing(target) || !inUse()) return;
    const dialog = document.getElementById("keys");
    if (!dialog || (dialog.open && event.key !== "?")) return; // none before the page is drawn
    const led = Date.now() - leading < 1500;
    leading = event.key === "g" && !led ? Date.now() : 0;
    if (leading) return;
    const page = led && letters().get(event.key);
    const act = page ? () => page.click() : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#show-keys")) help();
    if (event.target.id === "keys") event.target.close(); // the backdrop
  });
})();
