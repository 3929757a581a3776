"""Envoy's gRPC-JSON transcoder, set up as closely to the gateway as its options allow."""
import json


def config(port, backend_port, descriptors, services, admin_port=0):
    """Envoy's bootstrap as JSON: one listener, one backend, no access log."""
    transcoder = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(descriptors),
        "services": services,
        "print_options": {"always_print_primitive_fields": True},
        "request_validation_options": {"reject_unknown_method": True, "reject_unknown_query_parameters": True},
        "convert_grpc_status": True,
        # As the mapping says of variables of one segment.
        "url_unescape_spec": "ALL_CHARACTERS_EXCEPT_SLASH",
    }
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "edge",
        "codec_type": "AUTO",
        "route_config": {"virtual_hosts": [{
            "name": "all", "domains": ["*"],
            "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "backend", "timeout": "30s"}}],
        }]},
        "http_filters": [
            {"name": "transcoder", "typed_config": transcoder},
            {"name": "router", "typed_config": router},
        ],
    }
    address = lambda at: {"socket_address": {"address": "127.0.0.1", "port_value": at}}
    protocol = {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    bootstrap = {
        "static_resources": {
            "listeners": [{
                "name": "edge", "address": address(port),
                "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
            }],
            "clusters": [{
                "name": "backend", "type": "STATIC",
                "typed_extension_protocol_options": {
                    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol,
                },
                "load_assignment": {
                    "cluster_name": "backend",
                    "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(backend_port)}}]}],
                },
            }],
        },
    }
    if admin_port:
        bootstrap["admin"] = {"address": address(admin_port)}
    return json.dumps(bootstrap)
