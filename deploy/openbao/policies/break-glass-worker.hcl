# The break-glass worker: check out, rotate, store. Nothing else; not even the default policy.

# The lock of each credential (who holds it, the fence, the rotation's progress; no secret).
path "break-glass/data/locks/*" {
  capabilities = ["create", "read", "update"]
}

# The credentials themselves: read under a lease, replace when rotated. Not "create": a custodian puts the first version in.
path "break-glass/data/credentials/*" {
  capabilities = ["read", "update"]
}
path "break-glass/metadata/credentials/*" {
  capabilities = ["read"]
}
path "break-glass/destroy/credentials/*" {
  capabilities = ["update"]
}

# What only people use: always wrapped, never readable in one request, and opened once for the person who claimed it.
path "break-glass/data/people/*" {
  capabilities     = ["read"]
  min_wrapping_ttl = "1s"
  max_wrapping_ttl = "120s"
}
path "break-glass/metadata/people/*" {
  capabilities = ["read"]
}
path "break-glass/destroy/people/*" {
  capabilities = ["update"]
}

# The next secret, between its making and its promotion.
path "break-glass/data/pending/*" {
  capabilities = ["create", "read", "update"]
}
path "break-glass/metadata/pending/*" {
  capabilities = ["read"]
}
path "break-glass/destroy/pending/*" {
  capabilities = ["update"]
}

# New keys of rotated accounts: written once, never read back, never overwritten by the worker.
path "rotated/data/*" {
  capabilities = ["create"]
}
path "rotated/metadata/*" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
