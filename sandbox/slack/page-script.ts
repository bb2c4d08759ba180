/** The page's code, for the browser. Everything is built as DOM text: words of a message can never become markup. */
export const SCRIPT = String.raw`
'use strict';
const $ = (id) => document.getElementById(id);
const el = (tag, props, ...kids) => { const node = Object.assign(document.createElement(tag), props || {}); node.append(...kids.flat().filter((kid) => kid !== null && kid !== undefined)); return node; };
let seen = null, channel = null, drawnView = '', trouble = {};
const read = {};
let as = localStorage.getItem('as') || '';

const ICONS = { '🔴': ['#d3244f', ''], '✅': ['#007a5a', 'M4 8.4l2.7 2.7L12 5.6'], '⛔': ['#d3244f', 'M4 8h8'], '⌛': ['#b7791f', 'M8 4v4.3l2.8 1.6'], '↩': ['#616061', 'M7 5L4 8l3 3M4 8h8'] };
function icon(glyph) {
  const [color, path] = ICONS[glyph];
  const span = el('span', { className: 'ico', title: '' });
  span.style.background = color;
  if (path) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 16 16');
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    for (const [name, value] of Object.entries({ d: path, fill: 'none', stroke: '#fff', 'stroke-width': 2, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' })) line.setAttribute(name, value);
    svg.append(line); span.append(svg);
  }
  return span;
}
const glyphs = (text) => text.split(/(🔴|✅|⛔|⌛|↩)\uFE0F?/u).map((part) => ICONS[part] ? icon(part) : part);
const userName = (id) => (seen.users.find((one) => one.id === id) || {}).name || id;
const time = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/* mrkdwn as Slack reads it: entities last, so that an escaped mention stays words. */
function mrkdwn(text) {
  const entities = (raw) => raw.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
  const styled = (raw) => raw.split(/(\*[^*\n]+\*|\x60[^\x60\n]+\x60)/).map((part) => {
    if (/^\*[^*]+\*$/.test(part)) return el('b', {}, glyphs(entities(part.slice(1, -1))));
    if (/^\x60[^\x60]+\x60$/.test(part)) return el('code', {}, entities(part.slice(1, -1)));
    return glyphs(entities(part));
  }).flat();
  return text.split(/(<[^<>]+>)/).map((part) => {
    const inner = /^<([^<>]+)>$/.exec(part);
    if (!inner) return styled(part);
    const [what, label] = inner[1].split('|');
    if (what.startsWith('!date^')) { const [, at] = what.split('^'); const d = new Date(Number(at) * 1000); const day = d.toDateString() === new Date().toDateString() ? 'today' : d.toLocaleDateString([], { month: 'short', day: 'numeric' }); return day + ' ' + d.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }); }
    if (what.startsWith('@')) return el('span', { className: 'mention' }, '@' + userName(what.slice(1)));
    if (what.startsWith('!')) return el('span', { className: 'shout' }, '@' + what.slice(1));
    return /^https?:/.test(what) ? el('a', { href: what, target: '_blank', rel: 'noreferrer noopener' }, entities(label || what)) : entities(part);
  }).flat();
}
const textOf = (object) => object.type === 'mrkdwn' ? mrkdwn(object.text) : glyphs(object.text);
const rich = (elements) => elements.map((one) => {
  if (one.type === 'user') return el('span', { className: 'mention' }, '@' + userName(one.user_id));
  if (one.type === 'broadcast') return el('span', { className: 'shout' }, '@' + one.range);
  if (one.type === 'link') return el('a', { href: /^https?:/.test(one.url) ? one.url : '#', target: '_blank', rel: 'noreferrer noopener' }, one.text || one.url);
  const words = glyphs(one.text || '');
  return one.style && one.style.bold ? el('b', {}, words) : el('span', {}, words);
});
function block(b, message) {
  if (b.type === 'header') return el('div', { className: 'head' }, glyphs(b.text.text));
  if (b.type === 'section') return el('div', { className: b.fields ? 'facts' : 'rich' }, b.text ? textOf(b.text) : [], (b.fields || []).map((field) => el('div', {}, textOf(field))));
  if (b.type === 'context') return el('div', { className: 'ctx' }, b.elements.map((one) => el('span', {}, textOf(one))));
  if (b.type === 'divider') return el('hr');
  if (b.type === 'rich_text') return el('div', { className: 'rich' }, b.elements.map((part) => part.type === 'rich_text_list' ? el('ul', {}, part.elements.map((item) => el('li', {}, rich(item.elements)))) : el(part.type === 'rich_text_quote' ? 'blockquote' : 'div', {}, rich(part.elements))));
  if (b.type === 'actions') return el('div', { className: 'acts' }, b.elements.map((button) => el('button', { className: 'btn ' + (button.style || ''), onclick: (event) => press(event.target, message, button) }, button.text.text)), trouble[message.ts] ? el('span', { className: 'warn' }, trouble[message.ts]) : null);
  if (b.type === 'input') return el('div', {}, el('label', { htmlFor: 'f-' + b.block_id }, b.label.text), Object.assign(b.element.type === 'datepicker' ? el('input', { id: 'f-' + b.block_id, type: 'date' }) : el('textarea', { id: 'f-' + b.block_id, maxLength: b.element.max_length || 3000 }), { _at: [b.block_id, b.element.action_id, b.element.min_length || 0] }), b.hint ? el('div', { className: 'hint' }, b.hint.text) : null);
  return null;
}
async function post(path, body) {
  const response = await fetch('/page/' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return response.json();
}
async function press(button, message, action) {
  button.disabled = true; delete trouble[message.ts];
  const answer = await post('press', { as, ts: message.ts, actionId: action.action_id });
  if (answer.status !== 200) trouble[message.ts] = '⚠ Something went wrong, try again (' + (answer.status || 'no answer in 3 s') + ')';
  button.disabled = false; draw();
}
function messageNode(message) {
  const replies = seen.messages.filter((one) => one.threadTs === message.ts);
  const body = message.blocks.length ? message.blocks.map((one) => block(one, message)) : [el('div', {}, mrkdwn(message.text))];
  return el('div', { className: 'msg' + (message.ephemeralFor ? ' mine' : '') },
    el('div', { className: 'avatar bot' }, 'T'),
    el('div', {},
      el('div', { className: 'who' }, el('b', {}, seen.bot.name), el('span', { className: 'app' }, 'APP'), el('time', {}, time(message.ts)), message.ephemeralFor ? el('em', {}, ' · only visible to you') : null, message.editedTs ? el('em', {}, ' (edited)') : null),
      el('div', { className: 'card' }, body),
      replies.length ? el('div', { className: 'said' }, replies.map((one) => el('div', { className: 'reply' }, el('time', {}, time(one.ts)), one.blocks.length ? one.blocks.map((b) => block(b, one)).map((node) => { if (node) node.style.display = 'inline'; return node; }) : mrkdwn(one.text)))) : null));
}
function drawView() {
  const view = seen.view, key = view ? JSON.stringify(view) : '';
  if (key === drawnView) return;
  const typed = [...document.querySelectorAll('.modal textarea, .modal input')].map((one) => one.value);
  drawnView = key;
  document.querySelector('.shade')?.remove();
  if (!view) return;
  const close = () => post('close', { as });
  const submit = el('button', { className: 'btn ' + (view.submit && view.submit.text === 'Deny' ? 'danger' : 'primary'), type: 'submit' }, view.submit ? view.submit.text : '');
  const form = el('form', { className: 'modal' },
    el('h2', {}, view.title.text, el('button', { type: 'button', onclick: close, title: 'Close', ariaLabel: 'Close' }, '×')),
    el('div', { className: 'in' }, view.trouble ? el('div', { className: 'trouble' }, view.trouble) : null, view.blocks.map((one) => block(one, {}))),
    el('div', { className: 'foot' }, el('button', { className: 'btn', type: 'button', onclick: close }, view.close ? view.close.text : 'Close'), view.submit ? submit : null));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const values = {};
    for (const field of form.querySelectorAll('textarea, input')) { const [at, action, least] = field._at; if (field.value.trim().length < least) { field.focus(); return; } values[at] = { [action]: field.value.trim() }; }
    submit.disabled = true; await post('submit', { as, values }); submit.disabled = false;
  };
  document.body.append(el('div', { className: 'shade' }, form));
  [...form.querySelectorAll('textarea, input')].forEach((field, index) => { field.value = typed[index] || ''; if (!index) field.focus(); });
}
function draw() {
  const people = $('as');
  if (people.childElementCount !== seen.users.length) people.replaceChildren(...seen.users.map((one) => el('option', { value: one.id }, one.name)));
  people.value = as;
  const top = seen.messages.filter((one) => !one.threadTs);
  channel = seen.channels.some((one) => one.id === channel) ? channel : (top.filter((one) => !one.ephemeralFor && one.blocks.some((b) => b.type === 'actions')).at(-1) || top.at(-1) || {}).channel || seen.channels[0].id;
  read[channel] = top.filter((one) => one.channel === channel).length;
  const link = (one) => { const fresh = top.filter((m) => m.channel === one.id).length - (read[one.id] || 0); return el('button', { className: one.id === channel ? 'on' : '', onclick: () => { channel = one.id; draw(); } }, el('span', {}, (one.dm ? '●' : '#')), el('span', {}, one.dm ? 'Tourniquet' : one.name), fresh > 0 ? el('span', { className: 'n' }, String(fresh)) : null); };
  const dms = seen.channels.filter((one) => one.dm);
  $('channels').replaceChildren(el('h2', {}, 'Channels'), ...seen.channels.filter((one) => !one.dm).map(link), ...(dms.length ? [el('h2', {}, 'Direct messages'), ...dms.map(link)] : []));
  const here = seen.channels.find((one) => one.id === channel);
  $('name').textContent = (here.dm ? '' : '# ') + (here.dm ? 'Tourniquet' : here.name);
  const stream = $('stream'), atEnd = stream.scrollHeight - stream.scrollTop - stream.clientHeight < 80 || stream.dataset.of !== channel;
  const own = top.filter((one) => one.channel === channel);
  stream.replaceChildren(...(own.length ? own.map(messageNode) : [el('div', { className: 'empty' }, el('b', {}, 'Nothing here yet'), 'Messages of Tourniquet appear by themselves.')]));
  const last = own.at(-1), whispered = last && last.ephemeralFor && stream.dataset.last !== last.ts;
  stream.dataset.of = channel; stream.dataset.last = last ? last.ts : '';
  if (atEnd || whispered) stream.scrollTop = stream.scrollHeight;
  for (const box of document.querySelectorAll('[data-fault]')) { const now = seen.faults[box.dataset.fault]; box.checked = box.dataset.on === 'true' ? now === true : now !== 0; }
  $('requests').replaceChildren(...(seen.interactions.length ? seen.interactions.slice(-4).map((one) => el('li', {}, new Date(one.at).toLocaleTimeString() + '  ' + one.what + ', as ' + one.as + ' → ', el('span', { className: one.status === 200 ? 'ok' : 'no' }, one.status === null ? 'no answer' : String(one.status)), ' in ' + one.ms + ' ms')) : [el('li', {}, 'Press a button: it is sent to Tourniquet as a signed request, as Slack would.')]));
  drawView();
}
async function refresh() {
  seen = await (await fetch('/seen-by/' + encodeURIComponent(as || 'nobody'))).json();
  if (!seen.users.some((one) => one.id === as)) { as = (seen.users[0] || {}).id || ''; if (as) return refresh(); }
  draw();
}
$('as').onchange = (event) => { as = event.target.value; localStorage.setItem('as', as); refresh(); };
for (const box of document.querySelectorAll('[data-fault]')) box.onchange = () => post('faults', { [box.dataset.fault]: box.dataset.on === 'true' ? box.checked : (box.checked ? Number(box.dataset.on) : 0) });
let asked = false;
new EventSource('/changes').addEventListener('change', () => { if (asked) return; asked = true; setTimeout(() => { asked = false; refresh(); }, 30); });
`;
