# People who put the first version of an emergency credential into the vault. They cannot read one.
path "break-glass/data/credentials/*" {
  capabilities = ["create"]
}
path "break-glass/metadata/*" {
  capabilities = ["list", "read"]
}
