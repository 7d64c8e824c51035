// Parts of pages that nothing changes, from nested lists [tag, attributes, ...children] to React elements.
(() => {
  function follow(event) {
    const link = event.currentTarget;
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey || event.button) return;
    event.preventDefault();
    history.pushState({}, "", link.getAttribute("href"));
    dispatchEvent(new CustomEvent("_dashprivate_pushstate")); // as Dash's own links tell its Location
    if (!link.hash) scrollTo(0, 0);
  }

  const within = ({ href, download, target }) => /^\/(?!\/|export\/|report)/.test(href || "") && !download && !target;

  function element(node, key) {
    if (typeof node === "string") return node;
    const [tag, attributes, ...children] = node;
    if (tag === "typeset") return React.createElement(window.lab.Typeset, { key, ...attributes });
    const onClick = tag === "a" && within(attributes) ? follow : undefined;
    return React.createElement(tag, { key, onClick, ...attributes }, ...children.map(element));
  }

  function Fixed({ id, nodes, className }) {
    const children = React.useMemo(() => nodes.map(element), [nodes]);
    React.useEffect(() => void document.dispatchEvent(new Event("lab:fixed")), [nodes]);
    return React.createElement("div", { id, className }, children);
  }

  window.lab = Object.assign(window.lab || {}, { Fixed });
})();
