// Makes HTML elements.

export const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);
