// The SQL console: Ctrl or Cmd and Enter runs, a press on a name writes it into the query, a search narrows the names.
(() => {
  const field = () => document.getElementById("sql-text");

  // React hears of a change only through the element's own setter and an input event.
  function write(text) {
    const area = field();
    const { selectionStart: from, selectionEnd: to, value } = area;
    const gap = from > 0 && !/[\s(,.]$/.test(value.slice(0, from)) ? " " : "";
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
    set.call(area, value.slice(0, from) + gap + text + value.slice(to));
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
    area.setSelectionRange(from + gap.length + text.length, from + gap.length + text.length);
  }

  const quoted = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : '"' + name.replaceAll('"', '""') + '"');

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === field()) {
      event.preventDefault();
      document.getElementById("sql-run").click();
    }
  });

  document.addEventListener("click", (event) => {
    const name = event.target.closest && event.target.closest(".sql-name");
    if (name && field()) write(quoted(name.textContent));
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "sql-find") return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const relation of document.querySelectorAll(".sql-relation")) {
      const text = relation.textContent.toLowerCase();
      const found = words.every((word) => text.includes(word));
      relation.parentElement.hidden = !found;
      relation.open = found && words.length > 0;
    }
  });

  const lab_sql = {
    // Another query is another address, which lays the page out anew; the same one is asked again.
    run(presses, sql, asked) {
      const no = dash_clientside.no_update;
      if (!presses) return [no, asked]; // the page has arrived: its own query is asked, and waits for this answer
      if (!(sql || "").trim()) return [no, no];
      if (sql === asked.sql && !asked.from) {
        const choices = Object.fromEntries(new URLSearchParams(location.search));
        return [no, { ...asked, ...choices, from: 0, again: asked.again + 1 }];
      }
      return ["?" + new URLSearchParams({ sql }), no];
    },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { lab_sql });
})();
