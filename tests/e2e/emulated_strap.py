"""A strap that Chromium itself emulates (Chrome DevTools Protocol): choosing, connecting, subscribing and link loss are Chromium's own.

Three quirks of Chromium's: a second answer to one chooser ends the browser, a lost link takes the services with it, and a notification is delivered as the answer to a
`readValue()` of the page's own characteristic, which `CATCH` keeps at hand.
"""

import base64
import itertools

from tests.fakes import packet

LAUNCH = ["--no-sandbox", "--enable-features=WebBluetooth"]
ADDRESS = "09:09:09:09:09:09"
HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"
MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
CLIENT_CONFIGURATION = "00002902-0000-1000-8000-00805f9b34fb"
OK, FAILED = 0, 0x0E
CATCH = """
const begin = BluetoothRemoteGATTCharacteristic.prototype.startNotifications;
BluetoothRemoteGATTCharacteristic.prototype.startNotifications = async function () {
  const begun = await begin.call(this);
  window.emulated = this;
  return begun;
};
"""


class EmulatedStrap:
    """One strap in reach of a browser's pages."""

    def __init__(self, browser):
        self.sent = []
        self.in_reach = True
        self._turn = itertools.cycle((0, 1))
        self._page = None
        self._air = browser.new_browser_cdp_session()
        self._air.on("BluetoothEmulation.gattOperationReceived", self._gatt)
        self._air.on("BluetoothEmulation.characteristicOperationReceived", self._characteristic)

    def _appear(self):
        """In an air of its own: a page that has gone took the strap with it."""
        if self._page is not None:
            self._air.send("BluetoothEmulation.disable")
        self._air.send("BluetoothEmulation.enable", {"state": "powered-on", "leSupported": True})
        peripheral = {
            "address": ADDRESS,
            "name": "Polar H10",
            "manufacturerData": [],
            "knownServiceUuids": [HEART_RATE],
        }
        self._air.send("BluetoothEmulation.simulatePreconnectedPeripheral", peripheral)
        self._has_services = False

    def _make_services(self):
        service = self._air.send("BluetoothEmulation.addService", {"address": ADDRESS, "serviceUuid": HEART_RATE})
        told = {
            "serviceId": service["serviceId"],
            "characteristicUuid": MEASUREMENT,
            "properties": {"read": True, "notify": True},
        }
        self._id = self._air.send("BluetoothEmulation.addCharacteristic", told)["characteristicId"]
        told = {"characteristicId": self._id, "descriptorUuid": CLIENT_CONFIGURATION}
        self._air.send("BluetoothEmulation.addDescriptor", told)
        self._has_services = True

    def meet(self, page):
        """A page that may choose it, and does."""
        self._appear()
        self._page = page
        page.add_init_script(CATCH)
        self._chooser = page.context.new_cdp_session(page)
        self._chooser.send("DeviceAccess.enable")
        answered = set()

        def choose(prompt):
            if prompt["id"] not in answered and prompt["devices"]:
                answered.add(prompt["id"])
                told = {"id": prompt["id"], "deviceId": prompt["devices"][0]["id"]}
                self._chooser.send("DeviceAccess.selectPrompt", told)

        self._chooser.on("DeviceAccess.deviceRequestPrompted", choose)

    def _gatt(self, asked):
        code = OK if self.in_reach else FAILED
        if asked["type"] == "connection" and not self._has_services:
            self._make_services()
        told = {"address": ADDRESS, "type": asked["type"], "code": code}
        self._air.send("BluetoothEmulation.simulateGATTOperationResponse", told)

    def _characteristic(self, asked):
        told = {"characteristicId": asked["characteristicId"], "type": asked["type"], "code": OK}
        if asked["type"] == "read":
            told["data"] = base64.b64encode(self.sent[-1]).decode()
        self._air.send("BluetoothEmulation.simulateCharacteristicOperationResponse", told)

    def connected(self):
        """Wait until the page listens."""
        self._page.wait_for_function("() => window.emulated?.service.device.gatt.connected")

    def beat(self, beats=1):
        """So many packets, one after the other; none is equal to another."""
        for _ in range(beats):
            self.sent.append(packet(70 + len(self.sent) % 40, 1 + len(self.sent) // 40 % 5, self._turn))
            self._page.evaluate("async () => { await window.emulated.readValue(); }")

    def lose_link(self):
        """It goes out of reach, and is back when `in_reach` is true again."""
        self._page.evaluate("() => { window.emulated = null; }")
        self._has_services = False
        self._air.send("BluetoothEmulation.simulateGATTDisconnection", {"address": ADDRESS})
