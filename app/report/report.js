// A report: figures are drawn when they are near the window, all of them before printing; numbers are saved as CSV.
(() => {
  const { template, partners } = JSON.parse(document.getElementById("shared").textContent);
  const root = document.documentElement;
  const rooms = [...document.querySelectorAll(".plot[data-figure]")];

  // A figure with its numbers, from where it is kept: compressed, in base64.
  async function held(number) {
    const packed = Uint8Array.from(atob(document.getElementById(`figure-${number}`).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  async function draw(room) {
    const { figure } = await held(room.dataset.figure);
    figure.layout.template = template;
    const [{ data, layout }, size] = window.dash_clientside.lab.show(figure, null, null, partners);
    if (size?.height) room.style.height = size.height;
    const config = { displaylogo: false, showSendToCloud: false, responsive: true, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]] };
    await window.Plotly.react(room, data, layout, config);
    room.dataset.drawn = "yes";
  }

  const drawn = () => rooms.filter((room) => room.dataset.drawn);
  window.dash_clientside.lab.widths.forEach((query) => query.addEventListener("change", () => drawn().forEach(draw)));

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: "800px 0px" },
  );
  rooms.forEach((room) => near.observe(room));

  function save(text, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches(".save-csv")) {
      const { name, csv } = await held(button.dataset.figure);
      save(csv, `${name}.csv`);
    } else if (button.id === "theme") {
      const dark = root.getAttribute("data-mantine-color-scheme") === "dark";
      root.setAttribute("data-mantine-color-scheme", dark ? "light" : "dark");
      drawn().forEach(draw);
    } else if (button.id === "print") {
      button.disabled = true;
      for (const room of rooms) if (!room.dataset.drawn) await draw(room);
      button.disabled = false;
      print();
    }
  });
})();
