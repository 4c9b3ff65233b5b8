// The example accessories of hap-nodejs, one port each: node hap_nodejs.js ADDRESS FIRST_PORT NAME...
const path = require("path");
const [address, port, ...names] = process.argv.slice(2);
const hap = require(require.resolve("hap-nodejs", { paths: [process.env.CLAW_TEST_DEVICES] }));
hap.HAPStorage.setCustomStoragePath(process.cwd());
const root = path.join(process.env.CLAW_TEST_DEVICES, "node_modules/hap-nodejs/dist/accessories");
names.forEach(async (name, number) => {
  const { accessory } = require(path.join(root, `${name}_accessory.js`));
  await accessory.publish({
    username: accessory.username, pincode: accessory.pincode, category: accessory.category,
    port: Number(port) + number, bind: [address], advertiser: "ciao",
  });
  console.log(name, "published");
});
