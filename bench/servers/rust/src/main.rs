// SPDX-License-Identifier: MIT

//! The policies of the benchmark by axum, rustls and kube, after kube's own example of an admission
//! controller: the review is decoded into AdmissionReview<DynamicObject>.
//!
//!     bench-rust PORT FOLDER
//!
//! FOLDER has tls.crt, tls.key and ca.crt, of the clients' CA.

use std::{env, net::SocketAddr, path::Path, sync::Arc};

use axum::{extract::DefaultBodyLimit, routing::post, Json, Router};
use axum_server::tls_rustls::RustlsConfig;
use json_patch::{jsonptr::PointerBuf, AddOperation, Patch, PatchOperation};
use kube::core::{
    admission::{AdmissionRequest, AdmissionResponse, AdmissionReview},
    DynamicObject, ResourceExt,
};
use rustls::{server::WebPkiClientVerifier, RootCertStore, ServerConfig};
use rustls_pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer};
use serde_json::{json, Value};

type Request = AdmissionRequest<DynamicObject>;
type Review = AdmissionReview<DynamicObject>;

fn envelope(request: &Request) -> AdmissionResponse {
    let response = AdmissionResponse::from(request);
    match request.namespace.as_deref() {
        Some("frozen") => response.deny("namespace frozen is frozen"),
        _ => response,
    }
}

fn is_privileged(spec: &Value) -> bool {
    ["initContainers", "containers"]
        .iter()
        .filter_map(|list| spec[list].as_array())
        .flatten()
        .any(|container| container["securityContext"]["privileged"] == true)
}

fn containers(request: &Request) -> AdmissionResponse {
    let response = AdmissionResponse::from(request);
    let Some(object) = &request.object else {
        return response;
    };
    let spec = match request.kind.kind.as_str() {
        "Pod" => &object.data["spec"],
        "Deployment" => &object.data["spec"]["template"]["spec"],
        _ => return response,
    };
    if is_privileged(spec) {
        return response.deny("a container is privileged");
    }
    response
}

fn add(path: [&str; 3], value: Value) -> PatchOperation {
    PatchOperation::Add(AddOperation {
        path: PointerBuf::from_tokens(path),
        value,
    })
}

fn patched(request: &Request, operations: Vec<PatchOperation>) -> AdmissionResponse {
    AdmissionResponse::from(request)
        .with_patch(Patch(operations))
        .unwrap_or_else(|err| AdmissionResponse::invalid(err.to_string()))
}

fn label(request: &Request) -> AdmissionResponse {
    let mut operations = Vec::new();
    if request
        .object
        .as_ref()
        .is_some_and(|object| object.labels().is_empty())
    {
        operations.push(PatchOperation::Add(AddOperation {
            path: PointerBuf::from_tokens(["metadata", "labels"]),
            value: json!({}),
        }));
    }
    operations.push(add(
        ["metadata", "labels", "bench.example.com/seen"],
        json!("true"),
    ));
    patched(request, operations)
}

fn sidecar(request: &Request) -> AdmissionResponse {
    let container =
        json!({"name": "sidecar", "image": "registry.example.com/sidecar:1", "resources": {}});
    patched(request, vec![add(["spec", "containers", "-"], container)])
}

/// A handler that answers with what a policy says.
async fn decide(policy: fn(&Request) -> AdmissionResponse, review: Review) -> Json<Review> {
    let response = match TryInto::<Request>::try_into(review) {
        Ok(request) => policy(&request),
        Err(err) => AdmissionResponse::invalid(err.to_string()),
    };
    Json(response.into_review())
}

fn tls(folder: &Path) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(folder.join("ca.crt")).unwrap() {
        roots.add(root.unwrap()).unwrap();
    }
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let chain = CertificateDer::pem_file_iter(folder.join("tls.crt"))
        .unwrap()
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            chain,
            PrivateKeyDer::from_pem_file(folder.join("tls.key")).unwrap(),
        )
        .unwrap()
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().collect();
    let address = SocketAddr::from(([127, 0, 0, 1], arguments[1].parse().unwrap()));
    let config = tls(Path::new(&arguments[2]));
    let app = Router::new()
        .route(
            "/envelope",
            post(|Json(review): Json<Review>| decide(envelope, review)),
        )
        .route(
            "/containers",
            post(|Json(review): Json<Review>| decide(containers, review)),
        )
        .route(
            "/label",
            post(|Json(review): Json<Review>| decide(label, review)),
        )
        .route(
            "/sidecar",
            post(|Json(review): Json<Review>| decide(sidecar, review)),
        )
        .layer(DefaultBodyLimit::max(32 * 1024 * 1024));

    axum_server::bind_rustls(address, RustlsConfig::from_config(Arc::new(config)))
        .serve(app.into_make_service())
        .await
        .unwrap();
}
