// Figures that wait are asked for when they are near the window; the others one by one, while nothing is under way, so
// that a page that is printed or searched has them all.
(() => {
  const NEAR = "600px 0px";
  const asked = {}; // by panel: how often, and for which choices
  function laidOut(id) {
    try {
      return window.dash_component_api.getLayout(id).props.id.type === id.type;
    } catch {
      return false; // of some ids that it does not know Dash has the whole layout, at others it throws
    }
  }
  function demand(panel) {
    const id = { type: "later-near", panel };
    if (!laidOut(id)) return false; // the page has just been left, though its rooms are still drawn
    asked[panel] = { times: (asked[panel]?.times || 0) + 1, search: location.search };
    window.dash_clientside.set_props(id, { data: asked[panel].times });
    return true;
  }
  const ask = (room) => {
    if (room.dataset.asked) return;
    if (demand(JSON.parse(room.id).panel)) room.dataset.asked = "yes";
  };
  // A choice that was made while figures were under way is not in them: they are asked for once more.
  function came() {
    for (const { prop_id } of window.dash_clientside.callback_context.triggered) {
      const { panel } = JSON.parse(prop_id.slice(0, prop_id.lastIndexOf(".")));
      if (asked[panel] && asked[panel].search !== location.search) demand(panel);
    }
  }
  window.dash_clientside = Object.assign({}, window.dash_clientside, { later: { came } });
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        ask(entry.target);
      }
    },
    { rootMargin: NEAR },
  );

  let turn = 0;
  function next() {
    turn = 0;
    const waiting = [...document.querySelectorAll(".later:has(.waiting)")];
    if (!waiting.length) return;
    if (!waiting.some((room) => room.dataset.asked)) ask(waiting[0]);
    turn = setTimeout(next, 120);
  }

  function found() {
    const rooms = document.querySelectorAll(".later:not([data-seen])");
    for (const room of rooms) {
      room.dataset.seen = "yes";
      near.observe(room);
    }
    if (rooms.length && !turn) turn = setTimeout(next, 1000);
  }

  addEventListener("beforeprint", () => document.querySelectorAll(".later:has(.waiting)").forEach(ask));
  new MutationObserver(found).observe(document.documentElement, { childList: true, subtree: true });
})();
