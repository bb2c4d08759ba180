/** The name that activities know; the rules are in `addresses` (inside playbook, lint keeps `net` for Node’s). */
export { inCidr, parseBlock, reachOf } from './addresses';
