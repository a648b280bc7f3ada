// The page of an entry that has words only.

import { writing } from "./writing.js";

writing();
