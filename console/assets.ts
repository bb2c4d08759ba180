export const css = `
:root{--ink:#1c2430;--soft:#5a6675;--line:#dfe4ea;--paper:#fff;--wash:#f5f7f9;--red:#b3261e;--amber:#8a5a00;--green:#1b6e3c;--accent:#8c1d18}
*{box-sizing:border-box}
body{margin:0;background:var(--wash);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
nav{background:var(--accent);color:#fff;display:flex;justify-content:space-between;align-items:center;padding:10px 28px;gap:16px}
nav .brand{color:#fff;font-weight:700;text-decoration:none;letter-spacing:.03em}
nav form{margin:0}nav .muted{color:#f3d9d7}
button{font:inherit;border:1px solid var(--line);background:#fff;color:var(--ink);border-radius:5px;padding:4px 12px;cursor:pointer}
main{max-width:1180px;margin:24px auto;padding:0 28px 60px}
a{color:var(--accent)}
h1{font-size:25px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 10px}
section{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:16px 18px;margin:16px 0}
.muted{color:var(--soft);font-size:13px}
.row{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;margin:8px 0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 16px}.two>section{min-width:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px;margin:16px 0}
.tile{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.tile b{display:block;font-size:15px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.tile span{color:var(--soft);font-size:12.5px}
.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:12.5px;font-weight:600;border:1px solid currentColor;white-space:nowrap}
.bad{color:var(--red)}.warn{color:var(--amber)}.good{color:var(--green)}.calm{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th{text-align:left;color:var(--soft);font-weight:600;font-size:12.5px;border-bottom:2px solid var(--line);padding:6px 12px 6px 0}
td{vertical-align:top;border-bottom:1px solid var(--line);padding:7px 12px 7px 0;overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
td .when,.when{white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--wash);border-radius:3px;padding:1px 4px;overflow-wrap:anywhere}
ul{margin:0;padding-left:20px}li{overflow-wrap:anywhere}
.alert{border-left:4px solid var(--red);background:#fdf3f2;padding:10px 14px;border-radius:0 5px 5px 0;margin:16px 0}
.card{border:1px solid var(--line);border-radius:7px;padding:11px 14px;margin:0 0 10px}
.sign{max-width:420px;margin:12vh auto}
.sign input{font:inherit;width:100%;padding:8px 10px;border:1px solid var(--line);border-radius:5px;margin:6px 0 12px}
@media (max-width:860px){main{padding:0 14px 40px}.two{grid-template-columns:1fr}.wide{overflow-x:auto}.wide table{min-width:560px}}
`;

/** Takes the page's new state every three seconds while it is looked at. The server has escaped everything; scripts in it would not run (DOMParser). */
export const liveJs = `'use strict';
setInterval(async () => {
  if (document.hidden || String(getSelection())) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live');
    const here = document.getElementById('live');
    if (next && here.innerHTML !== next.innerHTML) here.replaceChildren(...next.childNodes);
  } catch { /* the next round will tell */ }
}, 3000);
`;
