import { SCRIPT } from './page-script';
import { STYLE } from './page-style';

/** One page, self-contained: channels at the left, messages with working buttons, who one acts as at the top right. */
export const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sandbox Slack · Tourniquet</title>
<link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>
<aside>
  <div class="brand"><b>Sandbox workspace</b><span>a simulator, not Slack itself</span></div>
  <nav id="channels"></nav>
  <div class="switches"><h2>Make Slack misbehave</h2>
    <label><input type="checkbox" data-fault="down" data-on="true">API down</label>
    <label><input type="checkbox" data-fault="slowMs" data-on="4000">API slow (4 s)</label>
    <label><input type="checkbox" data-fault="rateLimited" data-on="20">Rate limited (429)</label>
    <label><input type="checkbox" data-fault="wrongSignature" data-on="true">Forged signature</label>
    <label><input type="checkbox" data-fault="replay" data-on="true">Every click replayed</label>
    <label><input type="checkbox" data-fault="skewS" data-on="-600">Clicks ten minutes old</label>
  </div>
</aside>
<main>
  <header class="top"><h1 id="name"></h1><p>Choose who you are and press: each click is a signed request to Tourniquet.</p><label>Acting as <select id="as"></select></label></header>
  <div id="stream"></div>
  <footer><b>Requests to Tourniquet</b><ol id="requests"></ol></footer>
</main>
<script>${SCRIPT}</script>
</body></html>`;
