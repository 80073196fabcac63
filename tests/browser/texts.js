// Run in a page by `texts.py`: gives the faults of its texts as sentences.
([smallest, tolerance]) => {
  const faults = [], boxes = [];
  const root = document.querySelector('[data-testid="stApp"]');
  const words = node => node.textContent.replace(/\s+/g, ' ').trim();
  const parent = node => node.parentElement ?? node.getRootNode().host ?? null;
  function* texts(node) {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) { if (words(child)) yield child; continue; }
      if (child.nodeType !== Node.ELEMENT_NODE || /^(style|script|title|desc|option)$/i.test(child.tagName)) continue;
      if (child.shadowRoot) yield* texts(child.shadowRoot);
      yield* texts(child);
    }
  }
  for (const text of texts(root)) {
    const box = parent(text) ?? text.getRootNode().host;
    const style = getComputedStyle(box);
    if (style.visibility === 'hidden' || Number(style.opacity) === 0 || !box.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const own = range.getBoundingClientRect();
    if (own.width < 2 || own.height < 2) continue;
    let clip = { left: 0, right: innerWidth, top: -1e9, bottom: 1e9 };
    let hidden = false, layer = null, sideways = false, up = false;
    for (let at = box; at; at = parent(at)) {
      const s = getComputedStyle(at), area = at.getBoundingClientRect();
      const away = area.bottom <= 0 || area.right <= 0; // a skip link, until it has the focus
      if (s.clipPath !== 'none' || at.dataset?.testid === 'stIconMaterial') hidden = true;
      if (['fixed', 'absolute'].includes(s.position) && away && !up) hidden = true;
      if (['fixed', 'sticky'].includes(s.position) || Number(s.zIndex) > 90) layer ??= at;
      const cuts = axis => !['visible', ''].includes(s[axis]) && area.width > 0;
      const rolls = axis => ['auto', 'scroll'].includes(s[axis]);
      if (cuts('overflowY') && !up) {
        if (rolls('overflowY')) up = true; // what is further down is scrolled to
        else [clip.top, clip.bottom] = [Math.max(clip.top, area.top), Math.min(clip.bottom, area.bottom)];
      }
      if (cuts('overflowX') && !sideways) {
        if (rolls('overflowX') && at.scrollWidth > at.clientWidth + 1 && at.dataset?.testid !== 'stMain') sideways = true;
        else [clip.left, clip.right] = [Math.max(clip.left, area.left), Math.min(clip.right, area.right)];
      }
    }
    if (hidden || sideways) continue;
    const told = `"${words(text).slice(0, 50)}"`;
    const size = parseFloat(style.fontSize) * (box.ownerSVGElement ? Math.hypot(box.getScreenCTM().a, box.getScreenCTM().b) : 1);
    if (size < smallest - 0.01) faults.push(`${told} is ${size.toFixed(1)} px`);
    const over = Math.max(clip.left - own.left, own.right - clip.right, clip.top - own.top, own.bottom - clip.bottom);
    if (over > tolerance) faults.push(`${told} is cut by ${over.toFixed(0)} px`);
    for (const line of range.getClientRects()) if (line.width > 2) boxes.push({ told, line, layer, box });
  }
  boxes.sort((a, b) => a.line.top - b.line.top);
  boxes.forEach((one, i) => {
    for (let k = i + 1; k < boxes.length && boxes[k].line.top < one.line.bottom; k += 1) {
      const two = boxes[k];
      if (two.box === one.box || two.layer !== one.layer) continue;
      const wide = Math.min(one.line.right, two.line.right) - Math.max(one.line.left, two.line.left);
      const high = Math.min(one.line.bottom, two.line.bottom) - Math.max(one.line.top, two.line.top);
      const least = Math.min(one.line.height, two.line.height);
      if (wide > tolerance && high > Math.max(tolerance, least * 0.3)) faults.push(`${one.told} lies over ${two.told}`);
    }
  });
  for (const field of root.querySelectorAll('input[role="combobox"]')) {
    if (field.checkVisibility() && field.scrollWidth > field.clientWidth + tolerance) faults.push(`"${field.value}" is cut in its list`);
  }
  const main = document.querySelector('[data-testid="stMain"]');
  if (main.scrollWidth > main.clientWidth) faults.push(`the page is ${main.scrollWidth - main.clientWidth} px too wide`);
  return [...new Set(faults)];
}
