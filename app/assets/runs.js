// The table of runs in the browser: its order stands in the URL, and a new filter asks for its rows anew.
(() => {
  const runs = {
    // The order that the grid asks for, as the URL says it: -metric.loss|seed.
    sorted(request, before) {
      if (!request) return dash_clientside.no_update;
      const order = (request.sortModel || []).map((key) => (key.sort === "desc" ? "-" : "") + key.colId).join("|");
      if (order === before) return dash_clientside.no_update;
      const query = new URLSearchParams(location.search);
      order ? query.set("sort", order) : query.delete("sort");
      const search = query.toString();
      history.replaceState(history.state, "", location.pathname + (search ? "?" + search : "") + location.hash);
      return order;
    },

    // The chosen columns, in the order in which they are offered, so that the URL says nothing where all is as at first.
    columns(values, ids, offered) {
      if (!values.length) return dash_clientside.no_update;
      const chosen = [...values[0]].sort((a, b) => offered.indexOf(a) - offered.indexOf(b));
      return dash_clientside.lab.remember([chosen], ids);
    },

    // The same source of rows set again: unlike a purged cache it is asked again also where it had none.
    asked_anew() {
      let api;
      try {
        api = window.dash_ag_grid.getApi("runs-grid");
      } catch {
        return; // none yet, which will ask by itself, or none any more
      }
      api.setGridOption("datasource", api.getGridOption("datasource"));
    },

    cleared(clicks) {
      return clicks ? true : dash_clientside.no_update;
    },
  };
  // The table is one stop: Tab leaves it, arrows walk over its cells, Enter opens the run.
  const STOPS = "a[href], button, input, select, textarea, summary, [tabindex]";
  function keyed(event) {
    const cell = event.target.closest && event.target.closest("#runs-grid .ag-cell");
    if (!cell || !["Tab", "Enter"].includes(event.key)) return;
    const grid = cell.closest("#runs-grid");
    const side = event.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const beyond = [...document.querySelectorAll(STOPS)].filter(
      (stop) => stop.tabIndex >= 0 && !grid.contains(stop) && grid.compareDocumentPosition(stop) & side && stop.checkVisibility({ visibilityProperty: true }),
    );
    const next = event.key === "Enter" ? cell.querySelector("a") : beyond.at(event.shiftKey ? -1 : 0);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    event.key === "Enter" ? next.click() : next.focus();
  }
  document.addEventListener("keydown", keyed, true);

  window.dash_clientside = Object.assign({}, window.dash_clientside, { runs });
})();
