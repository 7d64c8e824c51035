// Figures that wait are asked for when they are near the window; the others one by one, while nothing is under way, so
// that a page that is printed or searched has them all.
(() => {
  const NEAR = "600px 0px";
  const ask = (room) => {
    if (room.dataset.asked) return;
    room.dataset.asked = "yes";
    const { panel } = JSON.parse(room.id);
    window.dash_clientside.set_props({ type: "later-near", panel }, { data: true });
  };
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
