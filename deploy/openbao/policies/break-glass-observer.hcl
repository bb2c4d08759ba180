# Sees who holds what and which versions live; never a secret. For monitoring, `tourniquet doctor`, and the demo's check list.
path "break-glass/data/locks/*" {
  capabilities = ["read"]
}
path "break-glass/metadata/*" {
  capabilities = ["list", "read"]
}
path "rotated/metadata/*" {
  capabilities = ["list", "read"]
}
