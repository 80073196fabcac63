// The way out of the Share dialog (`share.py`): the browser's own share sheet where it has one, copy buttons that say
// what they did, also to whoever listens, and the texts themselves.
function element(tag, more, ...inside) {
  const node = Object.assign(document.createElement(tag), more);
  node.append(...inside);
  return node;
}

// A page that did not come over https may not write to the clipboard; the older way is open to it.
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}

export default function ({ data, parentElement }) {
  const { url, text, words, code } = data;
  const field = (name, value) => element("textarea", { className: `backstop-${name}`, value, readOnly: true, rows: 4 });
  const [link, message] = [field("link", url), field("message", text)];
  const told = element("p", { className: "backstop-told", role: "status" });
  const copy = (name, of) => {
    const onclick = async () => (told.textContent = (await copied(of)) ? words.copied : words.refused);
    return element("button", { type: "button", onclick }, name);
  };
  const ways = element("div", { className: "backstop-ways" });
  if (navigator.share) {
    // the visitor may close the sheet again: nothing to tell then
    const onclick = () => navigator.share({ title: words.title, text: words.headline, url }).catch(() => {});
    ways.append(element("button", { type: "button", onclick }, words.share));
  }
  ways.append(copy(words.copyLink, link), copy(words.copyMessage, message), told);
  const picture = code ? [element("img", { src: code, alt: words.code })] : [];
  const texts = [element("label", {}, words.link, link), element("label", {}, words.message, message)];
  parentElement.querySelector(".backstop-share").replaceChildren(...picture, ways, ...texts);
}
