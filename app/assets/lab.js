// What happens in the browser alone: figures take the colours of the theme, choices stand in the URL.
(() => {
  const COLOR = /^#[0-9a-f]{6}([0-9a-f]{2})?$/;

  // A copy of the figure with each colour exchanged for its partner; opacity (the last two digits) stays.
  function exchanged(part, partners) {
    if (typeof part === "string") {
      return COLOR.test(part) && part.slice(0, 7) in partners ? partners[part.slice(0, 7)] + part.slice(7) : part;
    }
    if (Array.isArray(part)) return part.map((entry) => exchanged(entry, partners));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, exchanged(value, partners)]));
  }

  // The URL's query with these choices in it, those at their default left out.
  function asked(values, ids) {
    const query = new URLSearchParams(location.search);
    const before = query.toString();
    ids.forEach((id, k) => {
      const name = id.panel ? `${id.panel}.${id.key}` : id.key;
      const value = Array.isArray(values[k]) ? values[k].join("|") || "*" : String(values[k] ?? id.default);
      value === id.default ? query.delete(name) : query.set(name, value);
    });
    const search = query.toString();
    if (search === before) return location.search; // however it was written: ?runs=1,2 or ?runs=1%2C2
    return search ? "?" + search : "";
  }

  // What a fragment of an address names, also where it is no text that could have been encoded.
  function named(fragment) {
    try {
      return fragment && document.getElementById(decodeURIComponent(fragment));
    } catch {
      return null;
    }
  }

  // How high the whole legend is, and what of it is shown.
  const legendHeights = (legend) => [".scrollbox", ".bg"].map((part) => legend.querySelector(part).getBBox().height);

  // What there is to draw of a plot, and how high: with its whole legend, of which a page shows a part and scrolls it.
  function whole(plot, height) {
    const legend = plot.querySelector(".legend");
    const [all, shown] = legend ? legendHeights(legend) : [0, 0];
    if (all <= shown) return [plot, height];
    const layout = { ...plot.layout, legend: { ...plot.layout.legend, maxheight: all + 20 } };
    return [{ data: plot.data, layout }, height + all - shown];
  }

  // The plot once more, out of sight, with the legend that the page leaves to a table beside it.
  async function withLegend(plot, width, height) {
    const copy = document.body.appendChild(document.createElement("div"));
    Object.assign(copy.style, { position: "absolute", left: "-9999px" });
    const layout = { ...plot.layout, showlegend: true, autosize: false, width, height };
    await window.Plotly.newPlot(copy, plot.data, layout);
    return copy;
  }

  // The picture over a pressed SVG button, as a file.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest(".save-svg");
    const plot = button && button.closest("figure").querySelector(".js-plotly-plot");
    if (!plot) return;
    const { width, height } = plot.getBoundingClientRect();
    const filename = document.title.split(" · ")[0].toLowerCase().replace(/[^a-z0-9]+/g, "-") || "figure";
    const named = plot.closest("figure").dataset.legend === "table" && plot._fullLayout.showlegend === false;
    const drawn = named ? await withLegend(plot, width, height) : plot;
    const [picture, high] = whole(drawn, height);
    await window.Plotly.downloadImage(picture, { format: "svg", width, height: high, filename });
    if (named) drawn.remove();
  });

  let before; // the path of the page that was here
  let arrived; // the page's content once it is here: what is told of its choices earlier is how they were laid out, not made
  const content = () => document.querySelector("#page > *");
  let held; // while a page is laid out anew: the id of what has the focus, which goes when its element goes
  document.addEventListener("focusin", (event) => {
    if (held !== undefined) held = event.target.id;
  });

  // In a narrower window a figure that says how stands otherwise, and as high as it then needs.
  const WIDTHS = { narrow: "(max-width: 760px)", middling: "(max-width: 1100px)" };
  const widths = Object.entries(WIDTHS).map(([name, query]) => [name, matchMedia(query)]);
  const width = () => (widths.find(([, query]) => query.matches) || ["wide"])[0];
  for (const [, query] of widths) {
    query.addEventListener("change", () => dash_clientside.set_props?.("window-width", { data: width() }));
  }
  function placed(figure) {
    const { meta } = figure.layout;
    const here = meta && meta[width()];
    if (!here) return [figure, meta && meta.height];
    return [{ ...figure, layout: { ...figure.layout, ...here.layout } }, here.height];
  }

  // Where a unit of x is as long as one of y, a figure is no wider and no higher than its plane needs.
  const shapes = new WeakMap(); // by plot: the figure's data and its plane's width over its height, before any zoom
  function most(plot, graph) {
    const { xaxis, yaxis, width, height, _size } = plot._fullLayout;
    if (!yaxis?.scaleanchor) return { maxWidth: Infinity, maxHeight: Infinity };
    if (shapes.get(plot)?.data !== plot.data) shapes.set(plot, { data: plot.data, shape: xaxis._length / yaxis._length });
    const { shape } = shapes.get(plot);
    const [across, along] = [width - _size.w, height - _size.h];
    return {
      maxWidth: (parseFloat(graph.style.height) - along) * shape + across,
      maxHeight: (graph.clientWidth - across) / shape + along,
    };
  }
  // Margins change with the size, and so what a figure needs: it goes half the way each time, and stays where it is near.
  const NEAR = 6;
  function enclose(plot, graph) {
    for (const [side, wanted] of Object.entries(most(plot, graph))) {
      const known = parseFloat(graph.style[side]) || wanted;
      if (wanted === Infinity) graph.style[side] = "";
      else if (!graph.style[side] || Math.abs(known - wanted) > NEAR) graph.style[side] = `${Math.ceil((known + wanted) / 2)}px`;
    }
  }

  // A legend takes nothing from its plot: a figure grows by what the legend needs beyond the room that it was given.
  const [LEGEND_ROOM, MOST_LEGEND] = [26, 400];
  function fit(plot) {
    const graph = plot.closest(".dash-graph, .plot");
    enclose(plot, graph);
    const legend = plot.querySelector(".legend");
    const [all, shown] = legend ? legendHeights(legend) : [0, 0];
    const wanted = Math.min(all, MOST_LEGEND);
    const more = Math.ceil(wanted - Math.max(LEGEND_ROOM, plot.layout.meta?.legend || 0));
    const height = more > 0 ? `${parseFloat(graph.style.height) + more}px` : "";
    if (graph.style.minHeight !== height) graph.style.minHeight = height;
    if (shown + 1 < wanted) window.Plotly.relayout(plot, { "legend.maxheight": wanted + 20 });
  }
  new MutationObserver(() => {
    for (const plot of document.querySelectorAll(".js-plotly-plot:not([data-fitted])")) {
      if (!plot.on || !plot.closest(".dash-graph, .plot")) continue;
      plot.dataset.fitted = "yes";
      plot.on("plotly_afterplot", () => fit(plot));
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  const lab = {
    widths: widths.map(([, query]) => query),

    // A figure as the window and the theme want it, and the height of its graph, where the figure says one.
    show(figure, switched, _width, partners) {
      if (!figure) return [dash_clientside.no_update, dash_clientside.no_update];
      const [here, height] = placed(figure);
      return [lab.paint(here, switched, partners), height ? { height: `${height}px` } : dash_clientside.no_update];
    },

    // The switch says only that the theme changed; the document says which one it is, from the first moment on.
    paint(figure, _switched, partners) {
      if (!figure) return dash_clientside.no_update;
      const dark = document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";
      return exchanged(figure, dark ? partners : {}); // always a copy: plotly changes what it is given
    },

    // A page has arrived: its h1 is the title, its link the present one, and a #fragment is scrolled to.
    arrive(_content, path) {
      requestAnimationFrame(() => {
        arrived = content();
        const heading = document.querySelector("#page h1");
        if (heading) document.title = heading.innerText + " · Deep Learning Theory Lab";
        for (const link of document.querySelectorAll(".nav-link")) {
          const at = new URL(link.href).pathname;
          const present = at === path || (at !== "/" && path.startsWith(at.replace(/s$/, "") + "/"));
          present ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
        }
        if (before !== undefined && before !== path && heading && !location.hash) {
          heading.tabIndex = -1; // who cannot see that the page has turned hears its name
          heading.focus({ preventScroll: true });
        }
        const control = before === path && held && document.getElementById(held);
        if (control && document.activeElement === document.body) control.focus({ preventScroll: true });
        before = path;
        held = undefined;
        const target = named(location.hash.slice(1));
        if (target) target.scrollIntoView();
      });
    },

    // Choices other than the default stand in the URL; what else is there stays.
    remember(values, ids) {
      if (content() !== arrived) return;
      const url = location.pathname + asked(values, ids) + location.hash;
      if (url !== location.pathname + location.search + location.hash) history.replaceState(history.state, "", url);
    },

    // A choice that decides which others there are: the page is laid out anew for the URL that says it.
    turn(values, ids) {
      if (content() !== arrived) return dash_clientside.no_update;
      const search = asked(values, ids);
      if (search === location.search) return dash_clientside.no_update;
      held = document.activeElement.id;
      return search;
    },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { lab });
})();
