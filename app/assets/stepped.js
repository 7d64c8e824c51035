// Sliders whose stops are values of their own: what a stop is called, and which value it stands for.
(() => {
  const functions = (window.dashMantineFunctions = window.dashMantineFunctions || {});
  functions.stopLabel = (stop, { texts }) => texts[stop];

  const stepped = {
    chosen(stop, stops, now) {
      const value = stops[stop];
      return value === undefined || value === now ? window.dash_clientside.no_update : value;
    },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { stepped });
})();
