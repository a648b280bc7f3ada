// Makes SVG elements.

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  set(element, attributes);
  element.append(...children);
  return element;
}

export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

// One of the page's icons; it says nothing that the words beside it do not.
export const iconOf = (name) => svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `/static/icons.svg#${name}` }));

export const useIcon = (element, name) => element.querySelector("use").setAttribute("href", `/static/icons.svg#${name}`);
