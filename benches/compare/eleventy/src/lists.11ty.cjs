const { page, entry } = require("../_includes/html.cjs");

exports.data = { pagination: { data: "collections.lists", size: 1, alias: "list" }, permalink: (data) => data.list.path };

exports.render = ({ list }) => page(list.title, list.path, `<h1>${list.title}</h1>
${list.posts.map((post) => entry(post.data, list.full ? post.templateContent : null)).join("")}
<ul>${(list.months ?? []).map((month) => `<li><a href="${month}/">${month}</a></li>\n`).join("")}</ul>
${list.more ? `<nav class="walk"><a rel="next" href="${list.more}">Older</a></nav>` : ""}`);
