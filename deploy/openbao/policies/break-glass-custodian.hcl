# People who put the first version of an emergency credential into the vault. They cannot read one.
path "break-glass/data/credentials/*" {
  capabilities = ["create"]
}
# What only people use: each time it was lent a person changes it, and puts the new version in.
path "break-glass/data/people/*" {
  capabilities = ["create", "update"]
}
path "break-glass/metadata/*" {
  capabilities = ["list", "read"]
}
