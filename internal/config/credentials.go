package config

import (
	"slices"
	"strings"

	"github.com/prometheus/common/config"
)

// The environment variables that RRSA injects into a pod. They stand in for the keys of type oidc_role_arn, and are a
// source of type default.
const (
	EnvRoleARN         = "ALIBABA_CLOUD_ROLE_ARN"
	EnvOIDCProviderARN = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
	EnvOIDCTokenFile   = "ALIBABA_CLOUD_OIDC_TOKEN_FILE"
)

// keyTypes says which credential type a key belongs to, in the order of the messages.
func keyTypes() []struct{ key, typ string } {
	return []struct{ key, typ string }{
		{"access_key_id", TypeStatic},
		{"access_key_id_file", TypeStatic},
		{"access_key_secret", TypeStatic},
		{"access_key_secret_file", TypeStatic},
		{"security_token", TypeStatic},
		{"security_token_file", TypeStatic},
		{"role_arn", TypeOIDCRoleARN},
		{"oidc_provider_arn", TypeOIDCRoleARN},
		{"oidc_token_file", TypeOIDCRoleARN},
		{"role_name", TypeECSRAMRole},
		{"uri", TypeCredentialsURI},
	}
}

// credentialType reads the type. One that is not understood leaves none, for no further check makes sense then.
func credentialType(target *string) func(value) {
	return func(v value) {
		s, err := text[string]()(v)
		types := []string{TypeDefault, TypeStatic, TypeOIDCRoleARN, TypeECSRAMRole, TypeCredentialsURI}
		switch {
		case err == nil && s == "":
		case slices.Contains(types, s):
			*target = s
		default:
			*target = ""
			v.problem("expected one of %s", strings.Join(types, ", "))
		}
	}
}

// credentials reads where an account's key comes from. None of its problems holds a value.
func credentials(c *Credentials) func(value) {
	return func(v value) {
		o := v.fields(credentialFields(c))
		for _, file := range []*string{&c.AccessKeyIDFile, &c.AccessKeySecretFile, &c.SecurityTokenFile, &c.OIDCTokenFile} {
			*file = config.JoinDir(v.d.Dir, *file)
		}
		if !o.ok || c.Type == "" {
			return // said already
		}
		o.foreignKeys(c.Type)
		switch c.Type {
		case TypeStatic:
			o.staticKeys()
		case TypeOIDCRoleARN:
			o.fromEnv("role_arn", EnvRoleARN, &c.RoleARN)
			o.fromEnv("oidc_provider_arn", EnvOIDCProviderARN, &c.OIDCProviderARN)
			o.fromEnv("oidc_token_file", EnvOIDCTokenFile, &c.OIDCTokenFile)
		case TypeCredentialsURI:
			if o.lacks("uri") {
				o.at("uri").problem("type credentials_uri needs the URI that hands out the key; set uri")
			}
		}
	}
}

// foreignKeys reports the keys that another credential type reads: they would be ignored without a word.
func (o object) foreignKeys(typ string) {
	for _, k := range keyTypes() {
		if k.typ != typ && !o.lacks(k.key) {
			o.at(k.key).problem("only type %s reads this key; set type: %s, or remove the key", k.typ, k.typ)
		}
	}
}

// staticKeys wants the parts of a static key, each inline or in a file.
func (o object) staticKeys() {
	for _, key := range []string{"access_key_id", "access_key_secret", "security_token"} {
		inline, file := !o.lacks(key), !o.lacks(key+"_file")
		switch {
		case inline && file:
			o.at(key+"_file").problem("%s is set as well; keep one of the two", key)
		case !inline && !file && key != "security_token":
			o.at(key).problem("type static needs it; set %s_file or %s", key, key)
		}
	}
}

// fromEnv fills a key that is not set from the environment variable that RRSA injects.
func (o object) fromEnv(key, env string, target *string) {
	if !o.lacks(key) {
		return
	}
	*target = o.d.Getenv(env)
	if *target == "" {
		o.at(key).problem("neither this key nor the environment variable %s is set; set the key, or see that RRSA is "+
			"enabled for the pod (its namespace's and service account's labels and annotations)", env)
	} else if printable(*target) != nil {
		o.at(key).problem("the environment variable %s holds a control character or a line break; correct it", env)
	}
}

// assumeRole reads the role that is taken on top; without a role_arn the library would take the pod's own.
func assumeRole(target **AssumeRole) func(value) {
	return func(v value) {
		r := &AssumeRole{}
		o := v.fields(assumeRoleFields(r))
		if o.lacks("role_arn") {
			o.at("role_arn").problem("assume_role needs the ARN of the role to take; set role_arn, or remove assume_role")
		}
		if r.SessionName == "" {
			r.SessionName = "ossvector_exporter"
		}
		*target = r
	}
}
