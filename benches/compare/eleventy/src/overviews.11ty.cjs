const { page } = require("../_includes/html.cjs");

exports.data = { pagination: { data: "collections.overviews", size: 1, alias: "list" }, permalink: (data) => data.list.path };

exports.render = ({ list }) => page(list.title, list.path, `<h1>${list.title}</h1>
<ul>${list.names.map((name) => `<li><a href="${name}/">${name}</a></li>\n`).join("")}</ul>`);
