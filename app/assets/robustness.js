// A click on a line of robust accuracy chooses the model whose boundary is drawn; one on a distance, its point as well.
(() => {
  const lab = {
    at(_accuracy, _radius, accuracies, radii, models) {
      const none = dash_clientside.no_update;
      const nothing = [[none], [none], [none], [none]];
      const [cause] = dash_clientside.callback_context.triggered;
      const click = cause && cause.value && cause.value.points && cause.value.points[0];
      if (!click) return nothing;
      const radius = cause.prop_id.includes('"radii"');
      const trace = (radius ? radii : accuracies).data[click.curveNumber];
      const [model, seed, norm] = [trace.meta].flat();
      const known = (models[0] || []).some((option) => option.value === model);
      if (!known) return nothing;
      document.getElementById("boundary")?.scrollIntoView({ block: "nearest" });
      return radius ? [[model], [seed], [norm], [String(click.pointNumber + 1)]] : [[model], [none], [none], [none]];
    },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { robustness: lab });
})();
