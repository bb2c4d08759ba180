#!/bin/sh
# Sets an unsealed OpenBao up for Tourniquet. Safe to run again: it brings everything back to what these files say.
#   BAO_ADDR, BAO_TOKEN (and BAO_CACERT): as for the bao program; the token may be revoked afterwards.
#   WORKER_CIDRS: comma-separated networks from which the break-glass worker may log in, e.g. 10.4.7.12/32. Required.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${BAO_ADDR:?set BAO_ADDR}" "${BAO_TOKEN:?set BAO_TOKEN}" "${WORKER_CIDRS:?set WORKER_CIDRS to the networks of the break-glass worker}"

# A fresh KV v2 mount refuses for a moment while it prepares itself.
configure() {
  tries=0
  until error=$(bao write "$1/config" cas_required=true max_versions="$2" 2>&1 >/dev/null); do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { echo "$error" >&2; exit 1; }
    sleep 0.1
  done
}

mounts=$(bao secrets list -format=json)
for mount in break-glass rotated; do
  case "$mounts" in
    *"\"$mount/\""*) ;;
    *) bao secrets enable -path="$mount" -version=2 kv >/dev/null ;;
  esac
done
configure break-glass 20
configure rotated 1

for policy in "$here"/policies/*.hcl; do
  bao policy write "$(basename "$policy" .hcl)" "$policy" >/dev/null
done

case "$(bao auth list -format=json)" in
  *'"approle/"'*) ;;
  *) bao auth enable approle >/dev/null ;;
esac
bao write auth/approle/role/break-glass-worker - <"$here/approle/break-glass-worker.json" >/dev/null
bao write auth/approle/role/break-glass-worker secret_id_bound_cidrs="$WORKER_CIDRS" token_bound_cidrs="$WORKER_CIDRS" >/dev/null

# The audit device is declared in server.hcl; without one nothing here may be used.
case "$(bao audit list -format=json)" in
  *'"file"'*) ;;
  *) echo "no audit device: declare one in the server's configuration as server.hcl does" >&2; exit 1 ;;
esac
