/** The report's own style: one page, no outside resource, readable on paper. */
export const style = `
:root{--ink:#1c2430;--soft:#5a6675;--line:#dfe4ea;--paper:#fff;--wash:#f5f7f9;--red:#b3261e;--amber:#8a5a00;--green:#1b6e3c;--accent:#8c1d18}
*{box-sizing:border-box}
body{margin:0;background:var(--wash);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1020px;margin:0 auto;background:var(--paper);padding:40px 48px 56px;box-shadow:0 0 0 1px var(--line)}
header{border-bottom:3px solid var(--accent);padding-bottom:18px;margin-bottom:22px}
.brand{color:var(--accent);font-weight:700;letter-spacing:.04em;font-size:13px;text-transform:uppercase}
h1{font-size:28px;line-height:1.2;margin:4px 0 6px;overflow-wrap:anywhere}
h2{font-size:19px;margin:38px 0 12px;padding-bottom:5px;border-bottom:1px solid var(--line)}
h3{font-size:15px;margin:0;overflow-wrap:anywhere}
.muted,.meta{color:var(--soft);font-size:13px}
p{margin:0 0 10px}
ul{margin:0;padding-left:20px}
li{margin:3px 0;overflow-wrap:anywhere}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{background:var(--wash);border-radius:3px;padding:1px 4px;overflow-wrap:anywhere}
pre{background:var(--wash);border:1px solid var(--line);border-radius:5px;padding:9px 11px;margin:4px 0 0;white-space:pre-wrap;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:20px 0 4px}
.tile{border:1px solid var(--line);border-radius:7px;padding:12px 14px}
.tile b{display:block;font-size:23px;line-height:1.25;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:12.5px}
.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:12.5px;font-weight:600;border:1px solid currentColor;white-space:nowrap}
.bad{color:var(--red)}.warn{color:var(--amber)}.good{color:var(--green)}.calm{color:var(--soft)}.ink{color:var(--ink)}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th{text-align:left;color:var(--soft);font-weight:600;font-size:12.5px;border-bottom:2px solid var(--line);padding:6px 10px 6px 0}
td{vertical-align:top;border-bottom:1px solid var(--line);padding:7px 10px 7px 0;overflow-wrap:anywhere}
td.when{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--soft);width:1%}
td.tight,th.tight{white-space:nowrap;width:1%}
dl{display:grid;grid-template-columns:max-content 1fr;gap:5px 18px;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.action{border:1px solid var(--line);border-radius:7px;padding:13px 15px;margin:0 0 12px}
.action .top{display:flex;gap:12px;justify-content:space-between;align-items:baseline}
.action .states{display:grid;grid-template-columns:1fr 1fr;gap:14px;margin-top:10px}
.action .states>div{min-width:0}
.alert{border-left:4px solid var(--red);background:#fdf3f2;padding:10px 14px;border-radius:0 5px 5px 0}
footer{margin-top:40px;color:var(--soft);font-size:12.5px}
@media (max-width:720px){main{padding:22px 16px}.action .states{grid-template-columns:1fr}.wide{overflow-x:auto}.wide table{min-width:600px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{body{background:#fff;font-size:11pt}main{max-width:none;box-shadow:none;padding:0}h2{break-after:avoid}.action,tr,.tile{break-inside:avoid}thead{display:table-header-group}.badge{border-width:1.5px}@page{margin:16mm}}
`;
