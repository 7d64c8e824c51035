// A click on a line of robust accuracy chooses the model whose boundary is drawn; one on a distance, its point as well.
(() => {
  const lab = {
    at(_clicks, figures, models) {
      const none = dash_clientside.no_update;
      const nothing = [[none], [none], [none], [none]];
      const { triggered, inputs_list } = dash_clientside.callback_context;
      const [cause] = triggered;
      const click = cause && cause.value && cause.value.points && cause.value.points[0];
      if (!click) return nothing;
      const place = inputs_list[0].findIndex((each) => cause.prop_id.includes(`"panel":"${each.id.panel}"`));
      const radius = cause.prop_id.includes('"radii"');
      const trace = figures[place]?.data[click.curveNumber];
      if (!trace) return nothing;
      const [model, seed, norm] = [trace.meta].flat();
      const known = (models[0] || []).some((option) => option.value === model);
      if (!known) return nothing;
      document.getElementById("boundary")?.scrollIntoView({ block: "nearest" });
      return radius ? [[model], [seed], [norm], [String(click.pointNumber + 1)]] : [[model], [none], [none], [none]];
    },
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { robustness: lab });
})();
