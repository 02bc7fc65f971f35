# The image of the action and of the command line: the binary that cargo built, on the few files that image/root.sh
# lays out beneath target/image/root. Nothing is compiled or downloaded here. Build it with image/build.sh.
FROM scratch

# busybox gives sh, tail, tar and find: Kubernetes runners hold the container with `tail -f /dev/null`, copy files
# with tar and run a script with `sh -e`.
COPY target/image/root/ /

ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# No USER: the runner mounts its command files, which belong to another user, and only root may write to them.
# Policies run in a process of their own that leaves root.
# hadolint ignore=DL3002
ENTRYPOINT ["/usr/local/bin/rollgate"]
CMD ["--help"]
