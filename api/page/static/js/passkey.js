// What a passkey makes and signs, between this browser and the server. Both speak in JSON, where bytes are base64url.

import { Problem } from "./api.js";

export const can = () => "PublicKeyCredential" in window;

export async function make(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((one) => ({ ...one, id: bytes(one.id) })),
  };
  const made = await asked(() => navigator.credentials.create({ publicKey }));
  return answer(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

export async function sign(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: [] };
  const signed = await asked(() => navigator.credentials.get({ publicKey }));
  const { authenticatorData, signature, userHandle } = signed.response;
  return answer(signed, {
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle && text(userHandle),
  });
}

function answer({ id, rawId, type, response }, parts) {
  return { id, rawId: text(rawId), type, response: { clientDataJSON: text(response.clientDataJSON), ...parts } };
}

// A browser says in a name why it did not; a person reads what it means for them.
const REFUSED = {
  NotAllowedError: "No passkey was chosen. Nothing has changed.",
  AbortError: "No passkey was chosen. Nothing has changed.",
  InvalidStateError: "There is a passkey of yours on this device already. Nothing has changed.",
  SecurityError: "This browser takes no passkey at this address. Nothing has changed.",
  NotSupportedError: "This device can’t keep a passkey of this kind. Nothing has changed.",
};

async function asked(action) {
  try {
    return await action();
  } catch (error) {
    throw new Problem(REFUSED[error.name] ?? "This browser couldn’t use a passkey just now. Nothing has changed.");
  }
}

function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
