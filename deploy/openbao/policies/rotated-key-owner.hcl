# Owners of rotated accounts fetch their new key here, through your own sign-in method. Narrow the path to the account they own.
path "rotated/data/*" {
  capabilities = ["read"]
}
path "rotated/metadata/*" {
  capabilities = ["list", "read"]
}
