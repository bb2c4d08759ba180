/** The page's look. System fonts and drawn icons only: nothing comes from elsewhere. */
export const STYLE = `
*{box-sizing:border-box}
:root{--rail:#2b1735;--rail2:#3a2247;--ink:#1d1c1d;--soft:#616061;--line:#e3e1e4;--link:#1264a3;--green:#007a5a;--red:#d3244f;--amber:#b7791f}
html,body{margin:0;height:100%}
body{font:15px/1.46 -apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;color:var(--ink);display:grid;grid-template-columns:252px 1fr;height:100vh;overflow:hidden;background:#fff}
button,select,textarea{font:inherit}
aside{background:var(--rail);color:#d9cfe0;display:flex;flex-direction:column;min-height:0}
.brand{padding:16px 18px 12px;border-bottom:1px solid #ffffff1c}
.brand b{display:block;color:#fff;font-size:17px}
.brand span{font-size:12.5px;color:#b9a9c4}
nav{padding:12px 8px;overflow:auto;flex:1}
nav h2,.switches h2{font-size:12.5px;font-weight:600;margin:8px 10px 4px;color:#b9a9c4}
nav button{display:flex;gap:8px;align-items:center;width:100%;border:0;background:none;color:inherit;text-align:left;padding:4px 10px;border-radius:6px;cursor:pointer}
nav button:hover{background:var(--rail2)}
nav button.on{background:#f9edff;color:#39063a;font-weight:600}
nav button .n{margin-left:auto;background:#e01e5a;color:#fff;border-radius:9px;font-size:11.5px;font-weight:700;padding:0 7px;line-height:18px}
.switches{border-top:1px solid #ffffff1c;padding:6px 8px 14px}
.switches label{display:flex;gap:9px;align-items:center;padding:3px 10px;font-size:13px;cursor:pointer}
.switches input{accent-color:#e8912d;margin:0;width:15px;height:15px}
main{display:grid;grid-template-rows:auto 1fr auto;min-width:0;min-height:0}
header.top{display:flex;align-items:center;gap:14px;border-bottom:1px solid var(--line);padding:10px 22px}
header.top h1{font-size:18px;margin:0;white-space:nowrap}
header.top p{margin:0;color:var(--soft);font-size:13px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
header.top label{margin-left:auto;display:flex;align-items:center;gap:8px;font-size:13.5px;color:var(--soft);white-space:nowrap}
select{border:1px solid #a9a7aa;border-radius:8px;padding:5px 8px;background:#fff;color:var(--ink);font-weight:600;max-width:260px}
#stream{overflow:auto;padding:14px 0 18px}
.msg{display:grid;grid-template-columns:38px minmax(0,1fr);gap:10px;padding:7px 22px}
.msg:hover{background:#f8f8f8}
.msg.mine{background:#fdf8ec;border-left:3px solid #e8b84a;padding-left:19px}
.avatar{width:38px;height:38px;border-radius:8px;display:grid;place-items:center;color:#fff;font-weight:700;font-size:15px}
.bot{background:#8f1d2c}
.who b{margin-right:6px}
.app{background:#ececee;color:#616061;border-radius:3px;font-size:10.5px;font-weight:700;padding:1px 4px;vertical-align:1px;margin-right:7px}
.who time,.who em{font-size:12px;color:var(--soft);font-style:normal}
.card{max-width:780px}
.card>*{margin:6px 0}
.head{font-size:18px;font-weight:800;line-height:1.3;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:8px 18px;margin:8px 0 10px}
.facts div{white-space:pre-line;overflow-wrap:anywhere;font-size:14px}
.rich{overflow-wrap:anywhere}
.rich ul{margin:2px 0 2px;padding-left:24px}
.rich li{margin:1px 0}
.rich blockquote{margin:3px 0;padding:2px 0 2px 12px;border-left:4px solid #dddbde}
.ctx{font-size:12.5px;color:var(--soft);overflow-wrap:anywhere}
.acts{display:flex;gap:8px;flex-wrap:wrap;margin:10px 0 8px}
.btn{border:1px solid #b9b7bb;background:#fff;color:var(--ink);border-radius:7px;padding:5px 15px;font-weight:700;font-size:14px;cursor:pointer;min-width:78px}
.btn:hover{background:#f6f6f6;box-shadow:0 1px 3px #0002}
.btn.primary{background:var(--green);border-color:var(--green);color:#fff}
.btn.primary:hover{background:#006a4e}
.btn.danger{background:#fff;border-color:var(--red);color:var(--red)}
.btn.danger:hover{background:#fdf1f4}
.btn[disabled]{opacity:.55;cursor:default}
.warn{color:var(--amber);font-weight:600;font-size:13.5px;align-self:center}
.mention{background:#1264a31a;color:var(--link);border-radius:3px;padding:0 3px;font-weight:500}
.shout{background:#ffe08a;color:#5b4300;border-radius:3px;padding:0 3px;font-weight:700}
.said{border-left:3px solid #dddbde;margin:6px 0 2px;padding:1px 0 1px 12px}
.said .reply{margin:3px 0;font-size:14px}
.said .reply time{color:var(--soft);font-size:12px;margin-right:7px}
code{background:#f3f3f4;border:1px solid var(--line);border-radius:4px;padding:0 4px;font-size:13px}
a{color:var(--link)}
.empty{color:var(--soft);text-align:center;margin-top:17vh}
.empty b{display:block;color:var(--ink);font-size:17px;margin-bottom:4px}
footer{border-top:1px solid var(--line);padding:7px 22px 9px;font-size:12.5px;color:var(--soft);background:#fafafa}
footer b{color:var(--ink);font-weight:600;margin-right:8px}
footer ol{list-style:none;margin:2px 0 0;padding:0;display:grid;grid-template-columns:1fr 1fr;gap:1px 26px}
footer li{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
footer .ok{color:var(--green);font-weight:700}footer .no{color:var(--red);font-weight:700}
.ico{display:inline-block;width:16px;height:16px;border-radius:50%;vertical-align:-2px;margin-right:1px}
.shade{position:fixed;inset:0;background:#1d1c1d80;display:grid;place-items:center;z-index:5}
.modal{background:#fff;border-radius:12px;width:min(560px,92vw);max-height:86vh;display:grid;grid-template-rows:auto 1fr auto;box-shadow:0 18px 48px #0005}
.modal h2{margin:0;font-size:20px;padding:17px 24px 11px;display:flex;justify-content:space-between;gap:12px}
.modal h2 button{border:0;background:none;font-size:20px;line-height:1;color:var(--soft);cursor:pointer}
.modal .in{padding:2px 24px 8px;overflow:auto}
.modal .in label{display:block;font-weight:700;margin:13px 0 5px}
.modal textarea{width:100%;border:1px solid #8d8b8e;border-radius:7px;padding:8px 11px;resize:vertical;min-height:62px}
.modal textarea:focus,select:focus,.btn:focus-visible{outline:3px solid #1d9bd14d;border-color:#1264a3}
.modal .hint{font-size:12.5px;color:var(--soft);margin:4px 0 8px}
.modal .foot{display:flex;justify-content:flex-end;gap:10px;padding:13px 24px 18px}
.modal .trouble{background:#fdf1f4;border:1px solid #f2b8c6;color:#8f1037;border-radius:7px;padding:8px 12px;margin:8px 0;font-size:14px}
@media (max-width:760px){body{grid-template-columns:1fr}aside{display:none}header.top p{display:none}footer ol{grid-template-columns:1fr}}
`;
