// The values of all lines at one x, in a table under the figure: where the pointer is, where the slider stands, or at the
// end of each line.
(() => {
  const DASHES = { solid: "", dash: "7 4", dot: "1.5 3", dashdot: "7 3 1.5 3", longdash: "11 4", longdashdot: "11 3 1.5 3" };
  const shown = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const minus = (text) => text.replaceAll("-", "−");

  function element(name, parent, text) {
    const made = parent.appendChild(document.createElement(name));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // A number with as many digits as its interval earns: down to the second digit of its width.
  function told(value, low, high) {
    if (!Number.isFinite(value)) return "";
    const width = high - low;
    const whole = Number.isInteger(value) && Math.abs(value) >= 1e4 && Math.abs(value) < 1e12; // as storage/wording.py
    const short = (number) => whole ? minus(number.toLocaleString("en")) : minus(number !== 0 && (Math.abs(number) < 1e-3 || Math.abs(number) >= 1e6) ? number.toExponential(3) : String(+number.toPrecision(4)));
    if (!(width > 0) || !Number.isFinite(width)) return short(value);
    const largest = Math.max(Math.abs(low), Math.abs(high), Math.abs(value));
    const places = 1 - Math.floor(Math.log10(width));
    const digits = Math.min(15, Math.max(0, places + Math.floor(Math.log10(largest))));
    const write = (number) => minus(largest >= 1e-3 && largest < 1e6 ? number.toFixed(Math.min(15, Math.max(0, places))) : number.toExponential(digits));
    return `${write(value)} [${write(low)},\u00a0${write(high)}]`;
  }

  // What a trace says at x, or at its end where x is null: [value, low, high, n, smoothed]; null where it has no such x.
  function at(trace, x) {
    const place = x === null ? trace.x.length - 1 : Array.prototype.indexOf.call(trace.x, x);
    if (place < 0) return null;
    const [low, high, n, value] = trace.customdata[place];
    return trace.meta === "line" ? { value, low, high, n, smoothed: trace.y[place] } : { value: trace.y[place], low, high };
  }

  // A line with its band, its runs and its part of the panel below; hidden, it stays in the legend.
  function toggle(plot, group, show) {
    const parts = plot._fullData.filter((trace) => trace.legendgroup === group).map((trace) => trace.index);
    window.Plotly.restyle(plot, { visible: show ? true : "legendonly" }, parts);
  }

  function fill(plot, readout, x) {
    const held = [...readout.querySelectorAll("button")].indexOf(document.activeElement);
    const traces = plot._fullData.filter((trace) => trace.meta);
    const below = new Map(traces.filter((trace) => trace.meta === "below").map((trace) => [trace.legendgroup, trace]));
    const lines = traces.filter((trace) => trace.meta === "line");
    const smooth = lines.some((line) => line.x.some((_, k) => line.customdata[k][3] !== line.y[k]));
    const panel = plot._fullLayout.yaxis2;
    const table = readout.querySelector("table");
    table.replaceChildren();
    const label = shown(plot._fullLayout.xaxis.title.text.replaceAll("<br>", " "));
    element("caption", table, x === null ? "At the end of each line" : `${label} ${minus(String(+x.toPrecision(6)))}`);
    const head = element("tr", element("thead", table));
    const counted = panel && panel.title.text.startsWith("n ");
    const heads = ["line", readout.dataset.statistic, ...(smooth ? ["smoothed"] : []), "n"];
    for (const word of below.size && !counted ? [...heads, panel.title.text] : heads) element("th", head, word);
    const body = element("tbody", table);
    for (const line of lines) {
      const row = element("tr", body);
      const head = element("th", row);
      head.scope = "row";
      const name = element("button", head);
      name.type = "button";
      name.title = "Show or hide this line; no number changes";
      name.setAttribute("aria-pressed", line.visible === true);
      name.addEventListener("click", () => toggle(plot, line.legendgroup, line.visible !== true));
      const { color, dash } = line.mode === "markers" ? { color: line.marker.color, dash: "dot" } : line.line;
      const swatch = `<svg width="26" height="8" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4"/></svg>`;
      name.innerHTML = swatch;
      const stroke = name.querySelector("line");
      stroke.setAttribute("stroke", color);
      stroke.setAttribute("stroke-width", 2);
      stroke.setAttribute("stroke-dasharray", DASHES[dash] || "");
      element("span", name, shown(line.name));
      const here = at(line, x);
      element("td", row, here ? told(here.value, here.low, here.high) : "");
      if (smooth) element("td", row, here ? told(here.smoothed) : "");
      element("td", row, here ? here.n : "");
      const other = below.get(line.legendgroup);
      if (below.size && !counted) {
        const there = other && at(other, x);
        element("td", row, there ? told(there.value, there.low, there.high) : "");
      }
    }
    if (held >= 0) readout.querySelectorAll("button")[held]?.focus(); // the table is new, and so are its buttons
  }

  // The slider and the table, in an empty element.
  function furnish(readout) {
    const label = element("label", readout, "x ");
    const slider = element("input", label);
    slider.type = "range";
    slider.min = 0;
    const scroll = element("div", readout);
    scroll.className = "table-scroll";
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Values of the lines");
    element("table", scroll);
    return slider;
  }

  function bind(plot, readout) {
    const slider = readout.querySelector("input") || furnish(readout);
    let xs = [];
    let place = null;
    const draw = () => fill(plot, readout, place === null ? null : xs[place]);
    const go = (next) => {
      place = next;
      slider.value = place === null ? xs.length : place;
      slider.setAttribute("aria-valuetext", place === null ? "at the end of each line" : String(xs[place]));
      draw();
    };
    plot.on("plotly_afterplot", () => {
      // Where there is little room the table is legend enough.
      if (plot._fullLayout.showlegend && plot.clientWidth < 560) {
        plot.closest("figure").dataset.legend = "table"; // a saved picture has its own
        plot.layout.showlegend = false;
        delete plot._fullLayout._reservedMargin.legend; // or plotly would leave its room empty
        window.Plotly.redraw(plot);
        return;
      }
      const lines = plot._fullData.filter((trace) => trace.meta === "line");
      if (!lines.length) return; // the empty plot that stands before the figure
      xs = [...new Set(lines.flatMap((line) => [...line.x]))].sort((one, other) => one - other);
      slider.max = xs.length;
      go(place !== null && place < xs.length ? place : null);
    });
    plot.on("plotly_hover", (event) => {
      const found = xs.indexOf(event.points[0].x);
      go(found < 0 ? null : found);
    });
    plot.on("plotly_unhover", () => go(null));
    slider.addEventListener("input", () => {
      go(+slider.value < xs.length ? +slider.value : null);
      if (place === null) window.Plotly.Fx.unhover(plot);
      else window.Plotly.Fx.hover(plot, [{ xval: xs[place] }], "xy");
    });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.lines = {
    // A figure was given to the graph: once there is a plot, its table follows it.
    readout(_figure) {
      const patience = setInterval(() => {
        const readout = document.querySelector(".learning .readout");
        const plot = readout && document.querySelector(".learning .js-plotly-plot");
        if (readout && !(plot && plot.on && plot._fullLayout)) return;
        clearInterval(patience);
        if (!readout || plot === readout.plot) return;
        readout.plot = plot;
        bind(plot, readout);
        plot.emit("plotly_afterplot");
      }, 40);
    },
  };
})();
