// A strap by Web Bluetooth: chosen once with a tap, then connected again by itself whenever the link is lost.

const FIRST_AGAIN_MS = 500;
const LONGEST_AGAIN_MS = 5000;
const SILENT_MS = 10_000;
const LOOK_MS = 1000;

// Why this browser cannot read a strap: "insecure", "none", or null where it can.
export function whyNot() {
  if (navigator.bluetooth) return null;
  return window.isSecureContext ? "none" : "insecure";
}

// Asks the person; null when they chose none. Must be called from a tap.
export async function choose() {
  try {
    return await navigator.bluetooth.requestDevice({ filters: [{ services: ["heart_rate"] }] });
  } catch (error) {
    if (error.name === "NotFoundError") return null;
    throw error;
  }
}

// The strap that this browser was let read before, where it may be used again without a tap.
export async function known(name) {
  if (!navigator.bluetooth?.getDevices) return null;
  const devices = await navigator.bluetooth.getDevices().catch(() => []);
  return devices.find((device) => device.name === name) ?? null;
}

// on: {packet(hex), link(link)}.
export class BluetoothStrap {
  #device;
  #on;
  #characteristic = null;
  #stopped = false;
  #again_ms = FIRST_AGAIN_MS;
  #heard = 0;
  #watch;

  constructor(device, on) {
    this.#device = device;
    this.#on = on;
    device.addEventListener("gattserverdisconnected", this.#lost);
    this.#watch = setInterval(() => this.#lookWhetherSilent(), LOOK_MS);
    this.#connect();
  }

  get name() {
    return this.#device.name?.slice(0, 80) || "Heart-rate strap";
  }

  stop() {
    this.#stopped = true;
    clearInterval(this.#watch);
    this.#device.removeEventListener("gattserverdisconnected", this.#lost);
    this.#letGo();
    this.#device.gatt.disconnect();
  }

  async #connect() {
    this.#on.link("connecting");
    try {
      const server = await this.#device.gatt.connect();
      const service = await server.getPrimaryService("heart_rate");
      const characteristic = await service.getCharacteristic("heart_rate_measurement");
      if (this.#stopped) return;
      this.#letGo(); // one listener, or every heartbeat would come twice
      this.#characteristic = characteristic;
      characteristic.addEventListener("characteristicvaluechanged", this.#hear);
      await characteristic.startNotifications();
      this.#heard = performance.now();
      this.#again_ms = FIRST_AGAIN_MS;
      this.#on.link("connected");
    } catch {
      if (this.#device.gatt.connected) this.#device.gatt.disconnect();
      else this.#lost();
    }
  }

  #hear = ({ target }) => {
    this.#heard = performance.now();
    const bytes = new Uint8Array(target.value.buffer, target.value.byteOffset, target.value.byteLength);
    this.#on.packet([...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  };

  #lost = () => {
    if (this.#stopped) return;
    this.#letGo();
    this.#on.link("lost");
    clearTimeout(this.again);
    this.again = setTimeout(() => !this.#stopped && this.#connect(), this.#again_ms * (0.5 + Math.random() / 2));
    this.#again_ms = Math.min(2 * this.#again_ms, LONGEST_AGAIN_MS);
  };

  // A live link can be silent.
  #lookWhetherSilent() {
    if (this.#characteristic && performance.now() - this.#heard > SILENT_MS) {
      this.#heard = performance.now();
      this.#device.gatt.disconnect();
    }
  }

  #letGo() {
    this.#characteristic?.removeEventListener("characteristicvaluechanged", this.#hear);
    this.#characteristic = null;
  }
}
