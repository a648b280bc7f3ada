// While no talk is on: what this browser still keeps of earlier ones is sent.

import { OwnStrap } from "./own_strap.js";

new OwnStrap(document.getElementById("main").dataset.wearerId, null);
