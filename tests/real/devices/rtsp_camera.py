"""A camera on gst-rtsp-server: rtsp_camera.py ADDRESS PORT MOUNT [basic|digest USER PASSWORD]."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - after the versions

PICTURE = (
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=5/1"
    " ! x264enc tune=zerolatency speed-preset=ultrafast ! rtph264pay name=pay0 pt=96 )"
)
DIGEST = 2  # GstRtsp.RTSPAuthMethod

Gst.init(None)
address, port, mount, *login = sys.argv[1:]
server = GstRtspServer.RTSPServer()
server.set_address(address)
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(PICTURE)
factory.set_shared(True)
if login:
    kind, user, password = login
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
    if kind == "basic":
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(DIGEST)
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    allowed = GstRtspServer.RTSPPermissions()
    allowed.add_permission_for_role("user", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)  # noqa: FBT003 - GObject takes no names
    allowed.add_permission_for_role("user", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)  # noqa: FBT003 - GObject takes no names
    factory.set_permissions(allowed)
server.get_mount_points().add_factory(f"/{mount}", factory)
if not server.attach(None):
    sys.exit("the port is taken")
sys.stdout.write("ready\n")
sys.stdout.flush()
GLib.MainLoop().run()
