# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""What packaging/container and packaging/kubernetes promise, read from the files themselves.

Prints a line for each promise that does not hold; the exit code says whether there was one.
"""
import json
import pathlib
import re
import sys

import yaml

TREE = pathlib.Path(sys.argv[1])
KUBERNETES = TREE / "packaging/kubernetes"
faults = []


def holds(what, value):
    if not value:
        faults.append(what)


def capabilities_of_unit():
    text = (TREE / "systemd/tocsind.service").read_text()
    return set(re.search(r"^CapabilityBoundingSet=(.*)$", text, re.M)[1].split())


def documents():
    """Every document, checked to be one object with the members that Kubernetes asks for."""
    out = {}
    for path in sorted(KUBERNETES.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            for member in ("apiVersion", "kind"):
                holds(f"{path.name} has {member}", document.get(member))
            out[document["kind"]] = document
    return out


def check_kustomization(kustomization):
    for name in kustomization["resources"]:
        holds(f"{name} is there", (KUBERNETES / name).is_file())
    listed = set(kustomization["resources"]) | {"kustomization.yaml"}
    holds("no manifest is left out", {p.name for p in KUBERNETES.glob("*.yaml")} == listed)
    for generator in kustomization["configMapGenerator"]:
        for name in generator["files"]:
            holds(f"{name} is there", (KUBERNETES / name).is_file())
    return {generator["name"] for generator in kustomization["configMapGenerator"]}


def check_containers(pod):
    unit = capabilities_of_unit()
    for container in pod["initContainers"] + pod["containers"]:
        name, context = container["name"], container["securityContext"]
        holds(f"{name}: read-only root", context["readOnlyRootFilesystem"] is True)
        holds(f"{name}: not privileged", context.get("privileged", False) is False)
        holds(f"{name}: drops all capabilities", context["capabilities"]["drop"] == ["ALL"])
        holds(f"{name}: the runtime's seccomp", context["seccompProfile"]["type"] == "RuntimeDefault")
        holds(f"{name}: bounded memory", container["resources"]["limits"].get("memory"))
        for mount in container["volumeMounts"]:
            holds(f"{name}: volume {mount['name']} is defined",
                  mount["name"] in {volume["name"] for volume in pod["volumes"]})
    (daemon,) = pod["containers"]
    context = daemon["securityContext"]
    added = {"CAP_" + capability for capability in context["capabilities"]["add"]}
    holds("the daemon's capabilities are the unit's", added == unit)
    holds("the daemon is not root", context["runAsNonRoot"] is True and context["runAsUser"] != 0)
    host = next(mount for mount in daemon["volumeMounts"] if mount["name"] == "host")
    holds("the host is read only", host["readOnly"] is True)
    holds("what the host unmounts is let go", host["mountPropagation"] == "HostToContainer")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        holds(f"there is a {probe}", daemon[probe]["exec"]["command"][0] == "/usr/bin/tocsin")
    return context["runAsUser"], host["mountPath"]


def check_dockerfile(user, host):
    text = (TREE / "packaging/container/Dockerfile").read_text()
    instructions = re.sub(r"\\\n", " ", text).splitlines()
    known = {"FROM", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "HEALTHCHECK", "ENTRYPOINT"}
    used = [line.split()[0] for line in instructions if line and not line.startswith("#")]
    holds(f"every instruction is known: {set(used) - known}", set(used) <= known)
    holds("the image ends as the pod's user", f"\nUSER {user}:{user}\n" in text)
    holds("nothing runs as root behind it", "RUN" not in text[text.index("\nUSER"):])
    holds("bases are pinned to a release",
          all(":bookworm" in line for line in instructions if line.startswith("FROM")))
    granted = re.search(r"setcap (\S+)\+ep /usr/sbin/tocsind", text)[1].upper().split(",")
    holds("the program's rights are the unit's", set(granted) == capabilities_of_unit())
    for line in instructions:
        if line.startswith("COPY ") and "--from" not in line:
            holds(f"{line} finds its file", (TREE / line.split()[1]).exists())
        if "apt-get install" in line:
            holds("package lists do not stay", "rm -rf /var/lib/apt/lists" in line)
    config = (TREE / "packaging/container/tocsin.toml").read_text()
    holds("the configuration knows where the host is", f'\nroot = "{host}"\n' in config)


def check_seccomp():
    profile = json.loads((TREE / "packaging/container/seccomp.json").read_text())
    allowed = {name for rule in profile["syscalls"] for name in rule["names"]}
    holds("system calls are refused by default", profile["defaultAction"] == "SCMP_ACT_ERRNO")
    holds("they are only allowed", {r["action"] for r in profile["syscalls"]} == {"SCMP_ACT_ALLOW"})
    needed = {"bpf", "unshare", "capset", "open_by_handle_at", "execve", "epoll_wait"}
    holds(f"the daemon's are allowed: {needed - allowed}", needed <= allowed)
    never = {"mount", "umount2", "pivot_root", "ptrace", "init_module", "finit_module", "kexec_load",
             "reboot", "setns", "perf_event_open", "process_vm_writev", "userfaultfd", "swapon"}
    holds(f"none that it has no use for: {never & allowed}", not never & allowed)


def main():
    found = documents()
    maps = check_kustomization(found["Kustomization"])
    pod = found["DaemonSet"]["spec"]["template"]["spec"]
    holds("selector and labels agree", found["DaemonSet"]["spec"]["selector"]["matchLabels"]
          == found["DaemonSet"]["spec"]["template"]["metadata"]["labels"])
    holds("processes of the host are seen", pod["hostPID"] is True)
    holds("no network of the host", pod["hostNetwork"] is False)
    holds("no token", pod["automountServiceAccountToken"] is False)
    used = {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    holds("every config map is generated", used == maps)
    user, host = check_containers(pod)
    check_dockerfile(user, host)
    check_seccomp()
    labels = found["Namespace"]["metadata"]["labels"]
    holds("the namespace admits it", labels["pod-security.kubernetes.io/enforce"] == "privileged")
    holds("the network is closed", set(found["NetworkPolicy"]["spec"]["policyTypes"])
          == {"Ingress", "Egress"})
    for fault in faults:
        print("does not hold:", fault)
    return 1 if faults else 0


sys.exit(main())
