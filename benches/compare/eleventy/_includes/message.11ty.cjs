const { page, entry, escape } = require("./html.cjs");

const link = (to, rel) => to ? `<a rel="${rel}" href="/notes/${to.path}">${escape(to.title)}</a>` : "";

exports.render = (data) => page(data.title, data.permalink,
  `${entry(data, data.content)}<nav class="walk">${link(data.newer, "prev")} ${link(data.older, "next")}</nav>`);
