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
  window.dash_clientside = Object.assign({}, window.dash_clientside, { runs });
})();
