// Cells of the run table that are more than text. React elements, so that text from the store stays text.
var dagcomponentfuncs = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

dagcomponentfuncs.RunLink = (props) =>
  props.value == null
    ? null
    : React.createElement(window.dash_core_components.Link, { href: "/run/" + encodeURIComponent(props.value), children: String(props.value) });

dagcomponentfuncs.Status = (props) =>
  props.value == null
    ? null
    : React.createElement(
        "span",
        { className: "mark " + props.value },
        React.createElement("span", { className: "shape", "aria-hidden": "true" }),
        props.value,
      );
