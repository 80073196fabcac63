// Streamlit takes no parameter at all of an address that has very many, and says nothing. What the page was opened with
// the browser still knows; the address bar shows another one by now.
const STREAMLITS_OWN = new Set(['embed', 'embed_options']);

export default function ({ setTriggerValue }) {
  const [opened] = performance.getEntriesByType('navigation');
  const names = opened ? [...new URL(opened.name).searchParams.keys()] : [];
  const count = names.filter(name => !STREAMLITS_OWN.has(name)).length;
  if (count) setTriggerValue('count', count);
}
