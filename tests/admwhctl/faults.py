# SPDX-License-Identifier: MIT
"""Faults of an installation's folder, one each, and the checks of admwhctl verify that find it."""

import base64
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "pki"))

import make_pki as pki  # noqa: E402 (found only now)


class Folder:
    """A folder that a fault is made in."""

    def __init__(self, path, keys):
        self.path, self.keys = path, keys

    def file(self, name):
        return os.path.join(self.path, name)

    def read(self, name):
        with open(self.file(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text):
        with open(self.file(name), "w", encoding="utf-8") as file:
            file.write(text)

    def edit(self, name, old, new, count=1):
        text = self.read(name)
        assert old in text, "%s has no %r:\n%s" % (name, old, text)
        self.write(name, text.replace(old, new, count))

    def edit_all(self, name, old, new):
        self.edit(name, old, new, -1)

    def remove(self, name):
        os.unlink(self.file(name))

    def copy(self, old, new):
        shutil.copy(self.file(old), self.file(new))

    def mode(self, name, mode):
        os.chmod(self.file(name), mode)

    def deny(self, text, bundle="apiserver"):
        """A deny list of the API server's callers, in the Secret."""
        self.write("private/deny.txt", text + "\n")
        self.mode("private/deny.txt", 0o600)
        self.edit("kustomization.yaml", "  - tls.crt=",
                  "  - deny.txt=private/deny.txt\n  - tls.crt=")
        self.edit("base/deployment.yaml", "        - --listen",
                  "        - --client-deny-file=%s=/etc/webhook/deny.txt\n        - --listen" % bundle)

    def digest(self, name):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.read(name))).hexdigest()

    def serial(self, name):
        said = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", self.file(name)],
                              check=True, capture_output=True, text=True).stdout
        return said.strip().split("=")[1]

    # Certificates that admwhctl itself would not make.

    def key(self, label, kind="p256"):
        if label not in self.keys:
            self.keys[label] = pki.Key(self.keys["folder"], label, kind)
        return self.keys[label]

    def authority(self, extensions=(pki.basic_constraints(True, 0), pki.SIGNS_CERTS), kind="p256",
                  **rest):
        return pki.Certificate(pki.cn("an authority"), self.key("ca-" + kind, kind),
                               list(extensions), **rest)

    def write_pair(self, name, certificate):
        self.write(name + ".crt", certificate.pem())
        with open(certificate.key.path, encoding="ascii") as file:
            self.write(name + ".key", file.read())

    def server(self, extensions=None, kind="p256", ca=None, **rest):
        """Another server certificate, its CA in its place and in caBundle."""
        ca = ca or self.authority()
        names = pki.alternative_names(["policy.webhooks.svc"])
        leaf = pki.Certificate(pki.cn("server"), self.key("server-" + kind, kind),
                               extensions or [pki.SIGNS, pki.extended_usage(pki.SERVER), names],
                               issuer=ca, **rest)
        old = base64.b64encode(self.read("private/server-ca.crt").encode()).decode()
        self.edit_all("base/webhooks.yaml", old, base64.b64encode(ca.pem().encode()).decode())
        self.write_pair("private/server-ca", ca)
        self.write_pair("private/server", leaf)

    def client(self, subject=pki.cn("kube-apiserver"), extensions=None, ca=None, kind="p256",
               **rest):
        """Another pair of the API server, on both nodes, and its CA."""
        ca = ca or self.authority()
        leaf = pki.Certificate(subject, self.key("client-" + kind, kind),
                               extensions or [pki.SIGNS, pki.extended_usage(pki.CLIENT)],
                               issuer=ca, **rest)
        self.write_pair("private/client-ca", ca)
        for node in ("cp-1", "cp-2"):
            self.write_pair("private/callers/apiserver." + node, leaf)


DEPLOYMENT, SERVICE, WEBHOOKS = "base/deployment.yaml", "base/service.yaml", "base/webhooks.yaml"
ADMISSION, KUBECONFIG = "control-plane/admission.yaml", "control-plane/kubeconfig.yaml"
KUBEADM = "control-plane/kubeadm-patch.yaml"
WEBHOOK_SERVICE = """\
    service:
      namespace: webhooks
      name: policy
      path: /mutate
      port: 443
"""
SOON = (pki.PAST, pki.ENDING[1])

# What is broken, how, the checks that say no (or warn), and what one of them says.
FAULTS = [
    # files
    ("the installation has a fault", lambda f: f.edit("installation.yaml", "/validate", "validate"),
     "files.installation callers.files?", "installation.yaml: it cannot be used"),
    ("YAML that is none", lambda f: f.edit(SERVICE, "kind: Service", "kind: [Service"),
     "files.yaml files.parts", "base/service.yaml: it cannot be read"),
    ("a key that is there twice",
     lambda f: f.edit(KUBECONFIG, "kind: Config\n", "kind: Config\nkind: Config\n"),
     "files.yaml files.parts", "control-plane/kubeconfig.yaml: it cannot be read"),
    ("no Deployment", lambda f: f.remove(DEPLOYMENT), "files.parts kustomize.files",
     "there is no Deployment"),
    ("no kustomization", lambda f: f.remove("kustomization.yaml"), "files.parts",
     "there is no kustomization.yaml"),
    ("no CA of the server", lambda f: f.remove("private/server-ca.crt"), "files.parts",
     "there is no private/server-ca.crt"),
    ("no webhooks", lambda f: f.remove(WEBHOOKS), "files.parts kustomize.files",
     "there is no webhook configuration"),
    ("others read a key", lambda f: f.mode("private/server.key", 0o644), "files.modes",
     "private/server.key: its mode is 0644"),
    ("others enter private/", lambda f: f.mode("private", 0o755), "files.modes",
     "private: its mode is 0755"),
    ("git takes the keys", lambda f: f.write(".gitignore", "*.o\n"), "files.ignored",
     ".gitignore: it does not leave out private/"),
    ("a key in the kubeconfig", lambda f: f.edit(
        KUBECONFIG, "client-key: /etc/kubernetes/admission/policy.key", "client-key-data: " +
        base64.b64encode(f.read("private/callers/apiserver.cp-1.key").encode()).decode()),
     "files.keys", "there is a private key in this Config"),
    ("a key in a Secret", lambda f: f.write("base/secret.yaml", json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "webhooks"},
         "stringData": {"tls.key": f.read("private/server.key")}})),
     "files.keys files.modes", "there is a private key in this Secret"),
    ("the CA's key is deployed", lambda f: f.edit(
        "kustomization.yaml", "  - tls.crt=", "  - ca.key=private/client-ca.key\n  - tls.crt="),
     "files.deployed", "private/client-ca.key would be deployed"),
    # server
    ("no server certificate", lambda f: f.remove("private/server.crt"),
     "server.files deployment.files", "private/server.crt: kustomization.yaml names it"),
    ("a server certificate that is none", lambda f: f.write("private/server.crt", "none\n"),
     "server.files", "private/server.crt: there is no certificate in it"),
    ("the key of another server", lambda f: f.copy("private/client-ca.key", "private/server.key"),
     "server.pair", "private/server.key: the private key belongs to another certificate"),
    ("a server key that is encrypted", lambda f: f.write(
        "private/server.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n"), "server.pair", "is encrypted"),
    ("the server certificate has ended", lambda f: f.server(dates=pki.EXPIRED), "server.dates",
     "private/server.crt: it ended on 2021-01-01"),
    ("the server certificate begins later", lambda f: f.server(dates=pki.NOT_YET), "server.dates",
     "it is valid from 2048-01-01 on"),
    ("the server certificate ends soon", lambda f: f.server(dates=SOON), "server.dates!",
     "private/server.crt: it ends on"),
    ("the server certificate has another name", lambda f: f.server(
        [pki.SIGNS, pki.alternative_names(["policy.other.svc"])]), "server.names",
     "its names are policy.other.svc"),
    ("the server certificate has no name but its CN", lambda f: f.server([pki.SIGNS]),
     "server.names", "its names are none"),
    ("the server certificate is for clients", lambda f: f.server(
        [pki.SIGNS, pki.extended_usage(pki.CLIENT),
         pki.alternative_names(["policy.webhooks.svc"])]), "server.usage", "has no serverAuth"),
    ("the server certificate is a CA", lambda f: f.server(
        [pki.basic_constraints(True), pki.SIGNS, pki.alternative_names(["policy.webhooks.svc"])]),
     "server.usage", "private/server.crt: it is a CA"),
    ("the server key is Ed25519", lambda f: f.server(kind="ed25519"), "server.key",
     "a kind that the server does not take"),
    ("the server key is short", lambda f: f.server(kind="rsa1024"), "server.key",
     "its RSA key has 1024 bits"),
    ("the server certificate is signed with SHA-1", lambda f: f.server(digest="sha1"),
     "server.key", "signed with MD5 or SHA-1"),
    ("the server's CA is none", lambda f: f.server(ca=f.authority([pki.SIGNS_CERTS])),
     "server.ca calls.bundleDates", "is no CA (basicConstraints)"),
    ("the server's CA has ended", lambda f: f.server(ca=f.authority(dates=pki.EXPIRED)),
     "server.ca calls.bundleDates", "it ended on 2021-01-01"),
    ("another CA issued the server certificate",
     lambda f: f.copy("private/client-ca.crt", "private/server-ca.crt"), "server.ca",
     "private/server-ca.crt did not issue it"),
    # callers
    ("no client certificate", lambda f: f.remove("private/callers/apiserver.cp-2.crt"),
     "callers.files", "private/callers/apiserver.cp-2.crt: it is not there"),
    ("the pair of another node", lambda f: f.copy(
        "private/callers/apiserver.cp-1.key", "private/callers/apiserver.cp-2.key"),
     "callers.pair", "private/callers/apiserver.cp-2.key: the private key belongs to another"),
    ("the client certificate has ended", lambda f: f.client(dates=pki.EXPIRED), "callers.dates",
     "it ended on 2021-01-01"),
    ("the client certificate is for servers", lambda f: f.client(
        extensions=[pki.SIGNS, pki.extended_usage(pki.SERVER)]), "callers.usage",
     "has no clientAuth"),
    ("the client key is short", lambda f: f.client(kind="rsa1024"), "callers.usage",
     "apiserver.cp-1.crt: its key is of a kind that the server does not take"),
    ("the client certificate has another name", lambda f: f.client(pki.cn("apiserver")),
     "callers.allowed", 'its CN is "apiserver"; the server allows cn:kube-apiserver'),
    ("the client certificate has a long name", lambda f: (
        f.client(pki.cn("kube-apiserver" + 51 * "x")),
        f.edit(DEPLOYMENT, "cn:kube-apiserver", "cn:kube-apiserver" + 51 * "x")),
     "callers.usage", "its CN has 65 bytes, and may have 64"),
    ("the client certificate has two names", lambda f: f.client(pki.name(
        pki.attribute(pki.CN, "kube-apiserver"), pki.attribute(pki.CN, "kube-apiserver"))),
     "callers.allowed", 'its CN is "kube-apiserver, kube-apiserver"'),
    ("the client certificate has two names in one", lambda f: f.client(pki.name([
        pki.attribute(pki.CN, "kube-apiserver"), pki.attribute(pki.CN, "other")])),
     "callers.allowed", 'its CN is "kube-apiserver, other"'),
    ("the client certificate's name has a NUL", lambda f: f.client(pki.cn("kube-apiserver\0x")),
     "callers.allowed", r'its CN is "kube-apiserver\x00x"'),
    ("the client CA is another", lambda f: f.copy("private/scanner-ca.crt",
                                                  "private/client-ca.crt"), "callers.issuer",
     "private/client-ca.crt did not issue it"),
    ("a CA of the same name issued the client certificate", lambda f: (
        f.client(), f.write("private/client-ca.crt", pki.Certificate(
            pki.cn("an authority"), f.key("ca-other"),
            [pki.basic_constraints(True), pki.SIGNS_CERTS]).pem())),
     "callers.issuer", "private/client-ca.crt did not issue it"),
    ("the client CA has ended", lambda f: f.client(ca=f.authority(dates=pki.EXPIRED)),
     "callers.ca", "private/client-ca.crt: it ended"),
    ("the client CA may not sign", lambda f: f.client(ca=f.authority(
        [pki.basic_constraints(True), pki.SIGNS])), "callers.ca", "may sign none"),
    ("the client CA has name constraints", lambda f: f.client(ca=f.authority(
        [pki.basic_constraints(True), pki.SIGNS_CERTS, pki.NAME_CONSTRAINTS])), "callers.ca",
     "name constraints"),
    ("the client CA's file has its key", lambda f: f.write(
        "private/client-ca.crt", f.read("private/client-ca.crt") + f.read("private/client-ca.key")),
     "callers.ca files.deployed", "there is a private key in it"),
    ("a bundle without a rule", lambda f: f.edit(
        DEPLOYMENT, "        - --client-allow=scanner=cn:audit-scanner\n", ""), "callers.rules",
     "bundle scanner has no --client-allow"),
    ("a rule of a bundle that is not there", lambda f: f.edit(
        DEPLOYMENT, "--client-allow=scanner=", "--client-allow=scaner="),
     "callers.ca callers.rules", "bundle scaner has no --client-ca"),
    ("every certificate of the CA is allowed", lambda f: f.edit(
        DEPLOYMENT, "=cn:kube-apiserver", "=any"), "callers.rules!", "allows every certificate"),
    ("one CA for both sides", lambda f: f.server(ca=f.authority()) or f.client(ca=f.authority()),
     "callers.separate!", "it issued the server's certificate, too"),
    ("a token that is not listed", lambda f: f.write("private/callers/apiserver.token", "0" * 64),
     "tokens.listed", "private/tokens.csv does not have this token"),
    ("a token that is short", lambda f: f.write("private/callers/scanner.token", "secret\n"),
     "tokens.listed", "it can be guessed"),
    ("a token in the kubeconfig", lambda f: f.edit(
        KUBECONFIG, "tokenFile: /etc/kubernetes/admission/policy.token", "token: " + "a" * 32),
     "tokens.kubeconfig files.modes!", "control-plane/kubeconfig.yaml:"),
    ("a password that others read", lambda f: f.edit(
        KUBECONFIG, "    tokenFile:", "    password: secret\n    tokenFile:"),
     "files.modes!", "a token or a password is in it, and its mode is 0644"),
    ("a line of the tokens that is none", lambda f: f.write(
        "private/tokens.csv", f.read("private/tokens.csv") + "token,name\n"),
     "tokens.file", "private/tokens.csv:3: it is no line of TOKEN,NAME,UID"),
    ("quotes of the tokens that do not match", lambda f: f.write(
        "private/tokens.csv", f.read("private/tokens.csv") + 'token,"name,uid\n'),
     "tokens.file", "private/tokens.csv:3: it is no line"),
    ("a token twice", lambda f: f.write("private/tokens.csv", 2 * f.read("private/tokens.csv")),
     "tokens.file", "private/tokens.csv:3: its token is that of line 1"),
    # deny lists
    ("the caller's certificate is denied", lambda f: f.deny("sha256:" + f.digest(
        "private/callers/apiserver.cp-1.crt")), "callers.denied",
     "private/callers/apiserver.cp-1.crt: private/deny.txt denies it"),
    ("the caller's CA is denied", lambda f: f.deny("# now\n\nsha256:" + f.digest(
        "private/client-ca.crt")), "callers.denied", "deny.txt denies its CA"),
    ("the caller's serial number is denied", lambda f: f.deny("serial:" + f.serial(
        "private/callers/apiserver.cp-2.crt")), "callers.denied", "apiserver.cp-2.crt: "),
    ("a deny list that is not here", lambda f: f.edit(
        DEPLOYMENT, "        - --listen", "        - --client-deny-file=/etc/x\n        - --listen"),
     "callers.denied? deployment.files", "no volume is mounted there"),
    # admission
    ("an old AdmissionConfiguration", lambda f: f.edit(
        ADMISSION, "apiVersion: apiserver.config.k8s.io/v1",
        "apiVersion: apiserver.config.k8s.io/v1beta1"), "admission.version", "v1beta1"),
    ("an unknown field in the AdmissionConfiguration", lambda f: f.edit(
        ADMISSION, "plugins:", "defaults: {}\nplugins:"), "admission.fields",
     "there is no field defaults"),
    ("a field of a plugin in other letters", lambda f: f.edit(
        ADMISSION, "- name: Val", "- Path: x\n  name: Val"), "admission.fields", "it is path"),
    ("a plugin that there is not", lambda f: f.edit(
        ADMISSION, "name: MutatingAdmissionWebhook", "name: MutatingAdmissionWebhooks"),
     "admission.plugins admission.webhooks", "there is no admission plugin MutatingAdmissionWebhooks"),
    ("a plugin twice", lambda f: f.edit(
        ADMISSION, "name: MutatingAdmissionWebhook", "name: ValidatingAdmissionWebhook"),
     "admission.plugins admission.webhooks", "only the first counts"),
    ("a plugin without a configuration", lambda f: f.edit(
        ADMISSION, "plugins:\n", "plugins:\n- name: MutatingAdmissionWebhook\n"),
     "admission.plugins admission.webhooks", "has no configuration"),
    ("an old configuration of a plugin", lambda f: f.edit(
        ADMISSION, "kind: WebhookAdmissionConfiguration", "kind: WebhookAdmission"),
     "admission.configuration", "it is WebhookAdmission of"),
    ("an unknown field in a plugin's configuration", lambda f: f.edit(
        ADMISSION, "    kubeConfigFile: ", "    kubeconfigFile: x\n    kubeConfigFile: "),
     "admission.configuration", "there is no field kubeconfigFile"),
    ("a relative path of the kubeconfig", lambda f: f.edit(
        ADMISSION, "kubeConfigFile: /etc/kubernetes/admission/", "kubeConfigFile: "),
     "admission.absolute", "kubeconfig.yaml is no absolute path"),
    ("the path of another kubeconfig", lambda f: f.edit(
        ADMISSION, "admission/kubeconfig.yaml", "admission/other.yaml"), "admission.kubeconfig",
     "no kubeconfig of the name"),
    # kubeconfig
    ("an old kubeconfig", lambda f: f.edit(KUBECONFIG, "apiVersion: v1", "apiVersion: v2"),
     "kubeconfig.version", "its apiVersion is v2"),
    ("a misspelt field in the kubeconfig", lambda f: f.edit(
        KUBECONFIG, "client-key:", "client_key:"),
     "kubeconfig.fields kubeconfig.credentials", "there is no field users/0/user/client_key"),
    ("a user twice", lambda f: f.edit(
        KUBECONFIG, "users:\n", "users:\n- name: policy.webhooks.svc\n  user: {}\n"),
     "kubeconfig.names kubeconfig.credentials", "is there twice"),
    ("a user for another service", lambda f: f.edit(
        KUBECONFIG, "policy.webhooks.svc", "policy.webhook.svc"), "kubeconfig.users",
     "no user is found for label.example.org at policy.webhooks.svc:443"),
    ("a user with a scheme", lambda f: f.edit(
        KUBECONFIG, "policy.webhooks.svc", "https://policy.webhooks.svc"),
     "kubeconfig.users kubeconfig.names", "has a scheme"),
    ("a user without a certificate", lambda f: (
        f.edit(KUBECONFIG, "    client-certificate: /etc/kubernetes/admission/policy.crt\n", ""),
        f.edit(KUBECONFIG, "    client-key: /etc/kubernetes/admission/policy.key\n", "")),
     "kubeconfig.credentials", "has no client certificate"),
    ("a user without a token", lambda f: f.edit(
        KUBECONFIG, "    tokenFile: /etc/kubernetes/admission/policy.token\n", ""),
     "kubeconfig.credentials", "has no token"),
    ("a relative path of a key", lambda f: f.edit(
        KUBECONFIG, "client-key: /etc/kubernetes/admission/", "client-key: "),
     "kubeconfig.absolute apiserver.files", "policy.key is no absolute path"),
    ("a user as another one", lambda f: f.edit(KUBECONFIG, "  user:\n", "  user:\n    as: admin\n"),
     "kubeconfig.useless!", "which the server does not read"),
    ("a user by auth-provider", lambda f: f.edit(
        KUBECONFIG, "  user:\n", "  user:\n    auth-provider: {name: gcp}\n"),
     "kubeconfig.useless", "auth-provider makes each call fail"),
    # the API server's flag
    ("no flag", lambda f: (f.remove(KUBEADM), f.remove("control-plane/kube-apiserver+json.yaml")),
     "apiserver.flag", "no file sets --admission-control-config-file"),
    ("a relative flag", lambda f: f.edit(
        KUBEADM, "value: /etc/kubernetes/admission/", "value: "), "apiserver.flag",
     "which is no absolute path"),
    ("the flag names another file", lambda f: f.edit(
        KUBEADM, "admission/admission.yaml", "admission/config.yaml"), "apiserver.flag",
     "no AdmissionConfiguration has this name"),
    ("a mount that is missing", lambda f: f.edit_all(
        KUBEADM, "mountPath: /etc/kubernetes/admission", "mountPath: /etc/kubernetes/other"),
     "apiserver.mount", "is in no folder that is mounted"),
    ("a key outside of what is mounted", lambda f: f.edit(
        KUBECONFIG, "client-key: /etc/kubernetes/admission/", "client-key: /root/"),
     "apiserver.files", "/root/policy.key is in no folder"),
    # webhooks
    ("an old webhook configuration", lambda f: f.edit(
        WEBHOOKS, "admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1"),
     "webhooks.version", "v1beta1"),
    ("a misspelt field of a webhook", lambda f: f.edit(
        WEBHOOKS, "  namespaceSelector:", "  nameSpaceSelector:"),
     "webhooks.fields calls.namespaces", "it is namespaceSelector"),
    ("a webhook of two labels", lambda f: f.edit(
        WEBHOOKS, "name: pods.example.org", "name: pods.example"), "webhooks.names",
     "pods.example is no name of three labels"),
    ("no version of AdmissionReview", lambda f: f.edit(
        WEBHOOKS, "  admissionReviewVersions:\n  - v1\n", "  admissionReviewVersions:\n  - v2\n"),
     "webhooks.reviewVersions", "there is neither v1 nor v1beta1"),
    ("unknown side effects", lambda f: f.edit(
        WEBHOOKS, "sideEffects: None", "sideEffects: Unknown"), "webhooks.sideEffects",
     "sideEffects of label.example.org is Unknown"),
    ("an unknown failure policy", lambda f: f.edit(
        WEBHOOKS, "failurePolicy: Fail", "failurePolicy: fail"), "webhooks.policies",
     "failurePolicy of label.example.org is fail"),
    ("a validator that is called again", lambda f: f.edit_all(
        WEBHOOKS, "  sideEffects: None", "  sideEffects: None\n  reinvocationPolicy: IfNeeded"),
     "webhooks.policies", "pods.example.org validates, and is never called again"),
    ("a validator that fails open", lambda f: f.edit_all(
        WEBHOOKS, "failurePolicy: Fail", "failurePolicy: Ignore"), "webhooks.enforced!",
     "what pods.example.org cannot review is admitted"),
    ("a timeout of a minute", lambda f: f.edit(
        WEBHOOKS, "timeoutSeconds: 5", "timeoutSeconds: 60"), "webhooks.timeout", "from 1 to 30"),
    ("an operation that there is not", lambda f: f.edit(
        WEBHOOKS, "- CREATE", "- PATCH"), "webhooks.rules", "PATCH is no operation"),
    ("a resource of another group", lambda f: f.edit(
        WEBHOOKS, "    resources:\n    - pods\n", "    resources:\n    - deployments\n"),
     "webhooks.rules", "the core group has no deployments: deployments is of group apps"),
    ("a kind in place of a resource", lambda f: f.edit(
        WEBHOOKS, "    resources:\n    - pods\n", "    resources:\n    - Pod\n"),
     "webhooks.rules", "Pod is no resource: write pods"),
    ("a rule without resources", lambda f: f.edit(
        WEBHOOKS, "    resources:\n    - pods\n", ""), "webhooks.rules", "has no resources"),
    ("a selector without values", lambda f: f.edit(
        WEBHOOKS, "operator: NotIn", "operator: Exists"), "webhooks.selectors",
     "operator Exists has 2 values"),
    ("an operator that there is not", lambda f: f.edit(
        WEBHOOKS, "operator: NotIn", "operator: Not"), "webhooks.selectors",
     "not known"),
    ("a subresource of the singular", lambda f: f.edit(WEBHOOKS, "    - pods", "    - pod/status"),
     "webhooks.rules", "pod is no resource: write pods"),
    ("other versions that pass by", lambda f: f.edit_all(
        WEBHOOKS, "matchPolicy: Equivalent", "matchPolicy: Exact"), "webhooks.enforced!",
     "does not see the same object by other groups and versions"),
    ("labels that users write", lambda f: f.edit_all(
        WEBHOOKS, "  sideEffects:",
        "  objectSelector: {matchExpressions: [{key: skip, operator: DoesNotExist}]}\n"
        "  sideEffects:"), "webhooks.enforced!", "users write the labels"),
    ("a match condition twice", lambda f: f.edit(
        WEBHOOKS, "  sideEffects:", "  matchConditions: [{name: a, expression: 'true'},"
        " {name: a, expression: 'true'}]\n  sideEffects:"),
     "webhooks.conditions", "condition a of label.example.org is there twice"),
    ("a match condition that never holds", lambda f: f.edit(
        WEBHOOKS, "  sideEffects:",
        "  matchConditions: [{name: a, expression: ' false\\n'}]\n  sideEffects:".replace("'", '"')),
     "webhooks.conditions", "a condition of label.example.org is false: it is never called"),
    ("a match condition without an expression", lambda f: f.edit(
        WEBHOOKS, "  sideEffects:", "  matchConditions: [{name: all}]\n  sideEffects:"),
     "webhooks.conditions", "has no name or no expression"),
    # calls
    ("a webhook with a url and a service", lambda f: f.edit(
        WEBHOOKS, "  clientConfig:\n",
        "  clientConfig:\n    url: https://policy.webhooks.svc/mutate\n"), "calls.target",
     "both a url and a service"),
    ("a url without TLS", lambda f: f.edit(
        WEBHOOKS, WEBHOOK_SERVICE, "    url: http://policy.webhooks.svc/mutate\n"),
     "calls.target", "does not begin with https://"),
    ("a url with a query", lambda f: f.edit(
        WEBHOOKS, WEBHOOK_SERVICE, "    url: https://policy.webhooks.svc/mutate?x=1\n"),
     "calls.target calls.path", "has a query"),
    ("another Service", lambda f: f.edit(WEBHOOKS, "      name: policy\n", "      name: polizy\n"),
     "calls.service server.names kubeconfig.users", "there is no Service of polizy.webhooks.svc"),
    ("another namespace of the Service", lambda f: f.edit(
        WEBHOOKS, "      namespace: webhooks\n", "      namespace: webhook\n"),
     "calls.service server.names kubeconfig.users", "there is no Service of policy.webhook.svc"),
    ("another port of the Service", lambda f: f.edit(
        WEBHOOKS, "      port: 443\n", "      port: 8443\n"), "calls.port kubeconfig.users",
     "Service policy.webhooks.svc has no port 8443"),
    ("a path without a route", lambda f: f.edit(WEBHOOKS, "path: /mutate", "path: /mutatee"),
     "calls.path", "installation.yaml has no route of path /mutatee"),
    ("a validator's path for a mutator", lambda f: f.edit(
        WEBHOOKS, "path: /mutate", "path: /validate"), "calls.path",
     "the route of path /validate is validating"),
    ("no caBundle", lambda f: f.edit(WEBHOOKS, "    caBundle: ", "    caBundle: '' # "),
     "calls.bundle", "there is no caBundle"),
    ("a caBundle that is no base64", lambda f: f.edit(
        WEBHOOKS, "    caBundle: ", "    caBundle: '-----BEGIN' # "), "calls.bundle",
     "the caBundle is no base64"),
    ("the client CA as caBundle", lambda f: f.edit(
        WEBHOOKS, base64.b64encode(f.read("private/server-ca.crt").encode()).decode(),
        base64.b64encode(f.read("private/client-ca.crt").encode()).decode()), "calls.bundle",
     "its CAs did not issue private/server.crt"),
    ("a key in the caBundle", lambda f: f.edit(
        WEBHOOKS, base64.b64encode(f.read("private/server-ca.crt").encode()).decode(),
        base64.b64encode((f.read("private/server-ca.crt") +
                          f.read("private/server-ca.key")).encode()).decode()),
     "calls.bundle files.keys", "there is a private key in it"),
    ("its own namespace is not left out", lambda f: f.edit(
        WEBHOOKS, "      - webhooks\n", ""), "calls.namespaces",
     "is called for Pods of namespace webhooks"),
    ("kube-system is not left out", lambda f: f.edit(WEBHOOKS, "      - kube-system\n", ""),
     "calls.namespaces", "is called for Pods of namespace kube-system"),
    # the Deployment and what is around it
    ("the Deployment selects other Pods", lambda f: f.edit(
        DEPLOYMENT, "    matchLabels:\n      app.kubernetes.io/name: policy\n",
        "    matchLabels:\n      app.kubernetes.io/name: polizy\n"), "deployment.selector",
     "does not select the labels of its own template"),
    ("a flag's file is not mounted", lambda f: f.edit(
        DEPLOYMENT, "--token-file=/etc/webhook/tokens.csv", "--token-file=/etc/tokens/tokens.csv"),
     "deployment.files tokens.file", "no volume is mounted there"),
    ("a flag's file is not in the Secret", lambda f: f.edit(
        DEPLOYMENT, "/etc/webhook/client-ca.crt", "/etc/webhook/clients.crt"),
     "deployment.files callers.ca callers.issuer?", "without clients.crt"),
    ("a Secret that root alone reads", lambda f: (
        f.edit(DEPLOYMENT, "        fsGroup: 65532", "        # fsGroup: 65532"),
        f.edit(DEPLOYMENT, "defaultMode: 0440", "defaultMode: 0")),
     "deployment.modes", "root alone may read the files"),
    ("a Secret of root's group", lambda f: f.edit(
        DEPLOYMENT, "        fsGroup: 65532", "        # fsGroup: 65532"),
     "deployment.modes", "root alone may read the files"),
    ("a file of a Secret that root alone reads", lambda f: (
        f.edit(DEPLOYMENT, "        fsGroup: 65532", "        # fsGroup: 65532"),
        f.edit(DEPLOYMENT, "defaultMode: 0440", "defaultMode: 0444, items: ["
               "{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key, mode: 0400}, "
               "{key: tokens.csv, path: tokens.csv}, {key: client-ca.crt, path: client-ca.crt}, "
               "{key: scanner-ca.crt, path: scanner-ca.crt}]")),
     "deployment.modes", "root alone may read the files"),
    ("memory for no review", lambda f: f.edit(DEPLOYMENT, "memory: 512Mi", "memory: 8M"),
     "deployment.memory!", "its memory limit is 8M: large reviews"),
    ("memory in thousandths of a byte", lambda f: f.edit(
        DEPLOYMENT, "memory: 512Mi", "memory: 512m"), "deployment.memory!",
     "its memory limit is 512m"),
    ("memory that is no quantity", lambda f: f.edit(
        DEPLOYMENT, "memory: 512Mi", "memory: 512MB"), "deployment.memory",
     "its memory limit is 512MB: "),
    ("a mount by subPath", lambda f: f.edit(
        DEPLOYMENT, "mountPath: /etc/webhook,", "subPath: x, mountPath: /etc/webhook,"),
     "deployment.whole", "is mounted by subPath"),
    ("everyone is let in", lambda f: f.edit(
        DEPLOYMENT, "        - --listen", "        - --insecure-observe\n        - --listen"),
     "deployment.callers", "--insecure-observe allows every client"),
    ("everyone is let in, by a variable", lambda f: f.edit(
        DEPLOYMENT, "        env:\n",
        "        env:\n        - {name: POLICY_INSECURE_OBSERVE, value: 'On'}\n"),
     "deployment.callers", "--insecure-observe allows every client"),
    ("variables from elsewhere", lambda f: f.edit(
        DEPLOYMENT, "        env:\n",
        "        envFrom: [{configMapRef: {name: x}}]\n        env:\n"),
     "deployment.callers?", "envFrom takes variables from elsewhere"),
    ("a Secret of another namespace", lambda f: f.edit(
        "kustomization.yaml", "  namespace: webhooks", "  namespace: default"),
     "deployment.secrets", "the Secret is made in namespace default"),
    ("a server that its Pod alone reaches", lambda f: f.edit(
        DEPLOYMENT, "--listen=:8443", "--listen=127.0.0.1:8443"),
     "service.port", "on the loopback address"),
    ("a health port that its Pod alone reaches", lambda f: f.edit(
        DEPLOYMENT, "--health-listen=:8081", "--health-listen=localhost:8081"),
     "deployment.probes", "asks a port on the loopback address"),
    ("a probe of another path", lambda f: f.edit(
        DEPLOYMENT, "path: /readyz, port: health", "path: /ready, port: health"),
     "deployment.probes", "startupProbe asks for /ready, which is no page of the library"),
    ("a probe by TLS", lambda f: f.edit(
        DEPLOYMENT, "path: /healthz, port: health", "path: /healthz, port: health, scheme: HTTPS"),
     "deployment.probes", "livenessProbe speaks HTTPS"),
    ("a probe of the webhook's port", lambda f: f.edit(
        DEPLOYMENT, "path: /healthz, port: health", "path: /healthz, port: https"),
     "deployment.probes", "livenessProbe speaks HTTP, which port 8443 does not"),
    ("a Service of another host", lambda f: f.edit(
        SERVICE, "spec:\n", "spec:\n  type: ExternalName\n  externalName: x.example.org\n"),
     "service.selector", "it leads to another host, x.example.org"),
    ("a Service of UDP", lambda f: f.edit(
        SERVICE, "name: https,", "name: https, protocol: UDP,"), "service.port",
     "its protocol is UDP"),
    ("a patch by kustomize", lambda f: f.edit(
        "kustomization.yaml", "resources:", "namePrefix: dev-\nresources:"),
     "kustomize.changes?", "namePrefix changes what is applied"),
    ("a Secret that nothing makes", lambda f: f.edit(
        DEPLOYMENT, "secretName: policy,", "secretName: policy-tls,"), "deployment.secrets",
     "no generator makes Secret policy-tls"),
    ("no readiness probe", lambda f: f.edit(DEPLOYMENT, "readinessProbe", "someProbe"),
     "deployment.probes", "there is no readinessProbe"),
    ("a probe of another port", lambda f: f.edit(
        DEPLOYMENT, "{path: /healthz, port: health}", "{path: /healthz, port: 9999}"),
     "deployment.probes", "livenessProbe asks port 9999"),
    ("objects of two namespaces", lambda f: f.edit(
        "base/disruption-budget.yaml", "namespace: webhooks", "namespace: default"),
     "deployment.namespace", "PodDisruptionBudget is in namespace default"),
    ("the Service selects other Pods", lambda f: f.edit(
        SERVICE, "  selector:\n    app.kubernetes.io/name: policy\n",
        "  selector:\n    app.kubernetes.io/name: other\n"), "service.selector",
     "base/service.yaml:"),
    ("the Service leads to another port", lambda f: f.edit(
        SERVICE, "targetPort: https", "targetPort: 8444"), "service.port", "leads to 8444"),
    ("a resource that is not there", lambda f: f.edit(
        "kustomization.yaml", "- base/service.yaml", "- base/services.yaml"),
     "kustomize.files kustomize.resources", "there is no base/services.yaml"),
    ("a resource that is not listed", lambda f: f.edit(
        "kustomization.yaml", "- base/webhooks.yaml\n", ""), "kustomize.resources",
     "base/webhooks.yaml is not listed"),
    # hardening
    ("root", lambda f: f.edit(DEPLOYMENT, "runAsNonRoot: true", "runAsNonRoot: false"),
     "hardening.restricted", "runAsNonRoot is not true"),
    ("capabilities", lambda f: f.edit(DEPLOYMENT, "drop: [ALL]", "drop: [NET_RAW]"),
     "hardening.restricted", "capabilities of policy are not dropped"),
    ("capabilities that are added", lambda f: f.edit(
        DEPLOYMENT, "{drop: [ALL]}", "{drop: [ALL], add: [SYS_ADMIN]}"),
     "hardening.restricted", "policy adds capabilities"),
    ("a privileged container", lambda f: f.edit(
        DEPLOYMENT, "readOnlyRootFilesystem:", "privileged: true\n          readOnlyRootFilesystem:"),
     "hardening.restricted", "policy is privileged"),
    ("more privileges where they do not count", lambda f: (
        f.edit(DEPLOYMENT, "          allowPrivilegeEscalation: false\n", ""),
        f.edit(DEPLOYMENT, "runAsNonRoot: true",
               "runAsNonRoot: true\n        allowPrivilegeEscalation: false")),
     "hardening.restricted", "allowPrivilegeEscalation of policy is not false"),
    ("a second container that is root's", lambda f: f.edit(
        DEPLOYMENT, "      volumes:", "      - {name: side, image: x, securityContext: {runAsUser: 0}}\n"
        "      volumes:"), "hardening.restricted", "runAsUser is 0"),
    ("a privileged container before it", lambda f: f.edit(
        DEPLOYMENT, "      containers:", "      initContainers:\n"
        "      - {name: first, image: x, securityContext: {privileged: true}}\n      containers:"),
     "hardening.restricted", "first is privileged"),
    ("the network of the host", lambda f: f.edit(
        DEPLOYMENT, "      enableServiceLinks:", "      hostNetwork: true\n      enableServiceLinks:"),
     "hardening.restricted", "hostNetwork is true"),
    ("a port of the host", lambda f: f.edit(
        DEPLOYMENT, "containerPort: 8443", "containerPort: 8443, hostPort: 8443"),
     "hardening.restricted", "policy has a port of its host"),
    ("the disk of the host", lambda f: f.edit(
        DEPLOYMENT, "      - name: credentials\n", "      - {name: disk, hostPath: {path: /}}\n"
        "      - name: credentials\n"), "hardening.restricted", "a volume is of kind hostPath"),
    ("a root filesystem to write to", lambda f: f.edit(
        DEPLOYMENT, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
     "hardening.readOnly!", "readOnlyRootFilesystem"),
    ("a service account token", lambda f: f.edit(
        DEPLOYMENT, "automountServiceAccountToken: false", "automountServiceAccountToken: true"),
     "hardening.account!", "has a service account token"),
    ("one replica", lambda f: f.edit(DEPLOYMENT, "replicas: 2", "replicas: 1"),
     "hardening.replicas!", "there is one replica"),
    ("no replica", lambda f: f.edit(DEPLOYMENT, "replicas: 2", "replicas: 0"),
     "hardening.replicas", "there is no replica"),
    ("a budget that lets none go", lambda f: f.edit(
        "base/disruption-budget.yaml", "maxUnavailable: 1", "maxUnavailable: 0"),
     "hardening.budget", "it lets no Pod go"),
    ("a budget that keeps all", lambda f: f.edit(
        "base/disruption-budget.yaml", "maxUnavailable: 1", "minAvailable: 2"),
     "hardening.budget", "it lets no Pod go"),
    ("the budget of other Pods", lambda f: f.edit(
        "base/disruption-budget.yaml", "app.kubernetes.io/name: policy", "app: policy"),
     "hardening.budget", "does not select the Pods"),
    ("a lax namespace", lambda f: f.edit(
        "base/namespace.yaml", "enforce: restricted", "enforce: baseline"),
     "hardening.namespace!", "does not enforce PodSecurity restricted"),
    ("a network policy of other Pods", lambda f: f.edit(
        "base/cilium.yaml", "app.kubernetes.io/name: policy", "app.kubernetes.io/name: other"),
     "network.selector", "base/cilium.yaml:"),
    ("a Calico policy of other Pods", lambda f: f.edit(
        "base/calico.yaml", "== 'policy'", "== 'other'"), "network.selector",
     "base/calico.yaml:"),
    ("a network policy of the Service's port", lambda f: f.edit_all(
        "base/calico-crd.yaml", "ports: [8443]", "ports: [443]"), "network.port",
     "it does not admit port 8443"),
]
