// Kasa devices of tplink-smarthome-simulator, one an address: node kasa.js MODEL=ADDRESS...
const path = require("path");
const { Device, UdpServer } = require(path.join(process.env.CLAW_TEST_DEVICES, "node_modules/tplink-smarthome-simulator"));
(async () => {
  for (const word of process.argv.slice(2)) {
    const [model, address] = word.split("=");
    const mac = `50:c7:bf:aa:00:${Number(address.split(".")[3]).toString(16).padStart(2, "0")}`;
    await new Device({ port: 9999, address, model, data: { alias: `Den ${model}`, mac, deviceId: `DEN${model}` } }).start();
  }
  await UdpServer.start();
  console.log("ready");
})();
